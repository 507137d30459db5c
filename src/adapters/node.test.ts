import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'vitest'
import { listen } from '../../test/support/listen.ts'
import { isKeepsakeError } from '../errors.ts'
import type { Answer } from '../testing/adapter-contract/app.ts'
import { describeAdapter } from '../testing/describe-adapter.ts'
import { nodeSessions } from './node.ts'

async function send(res: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  res.statusCode = status
  for (const [name, value] of headers) res.appendHeader(name, value)
  if (typeof body === 'string') res.end(body)
  // A client that goes away ends the pipeline with an error that concerns nobody.
  else await pipeline(Readable.from(body), res).catch(() => undefined)
}

describeAdapter(
  'nodeSessions',
  ({ sessions, answer }) =>
    listen(
      nodeSessions(sessions, async (req, res) => {
        try {
          await send(res, await answer(req, req.url ?? ''))
        } catch (error) {
          if (isKeepsakeError(error)) throw error
          res.writeHead(500).end('the server failed')
        }
      }),
    ),
  { describe, it },
)
