import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { nodeSessions } from 'keepsake/node'
import { describeAdapter } from 'keepsake/testing'
import { runSuites } from './suites.js'

async function mount({ sessions, answer }) {
  const handler = nodeSessions(sessions, async (req, res) => {
    const { status, headers, body } = await answer(req, req.url)
    res.statusCode = status
    for (const [name, value] of headers) res.appendHeader(name, value)
    if (typeof body === 'string') res.end(body)
    // A client that goes away ends the pipeline with an error that concerns nobody.
    else await pipeline(Readable.from(body), res).catch(() => undefined)
  })
  const server = createServer((req, res) => handler(req, res).catch(() => res.writeHead(500).end('failed')))
  await new Promise(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address()
  return {
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    async close() {
      server.closeAllConnections()
      await new Promise(closed => server.close(closed))
    },
  }
}

export const run = () => runSuites(runner => describeAdapter('nodeSessions', mount, runner))
