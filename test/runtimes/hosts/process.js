// Runs a program in a process of Node, Bun or Deno, and says on the standard output what came of it.
import process from 'node:process'
import { pathToFileURL } from 'node:url'

const say = result => console.log(JSON.stringify(result))

process.on('uncaughtException', error => say({ error: String(error?.stack ?? error) }))
const [, , file] = process.argv
try {
  const program = await import(pathToFileURL(file).href)
  // The process ends by itself then: nothing of ours keeps it running.
  if (program.run) say({ note: (await program.run(JSON.parse(process.env.SERVICES))) ?? '' })
  else say({ port: await listen(program) })
} catch (error) {
  say({ error: String(error?.stack ?? error) })
  process.exit(0)
}

/** By the runtime's own server where it has one for `fetch`. */
async function listen({ fetch, server: make }) {
  if (fetch && globalThis.Bun) return Bun.serve({ port: 0, hostname: '127.0.0.1', fetch }).port
  if (fetch && globalThis.Deno) return Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, fetch).addr.port
  const server = fetch ? (await import('@hono/node-server')).createAdaptorServer({ fetch }) : await make()
  await new Promise(listening => server.listen(0, '127.0.0.1', listening))
  return server.address().port
}
