import { ServerResponse } from 'node:http'

// Makes a response look as if its head had left.
export function lookSent(res: ServerResponse, sent: boolean): void {
  // Node keeps the text of the head, once it is made, in `_header`: `headersSent` is derived from it, and middleware reads either. Its
  // HTTP/2 response has no such text and asks its stream. One that is made up for a test has neither.
  if (res instanceof ServerResponse) return void Object.assign(res, { _header: sent ? 'held back' : null })
  const asked = (res as { stream?: object }).stream ?? res
  if (sent) Object.defineProperty(asked, 'headersSent', { value: true, configurable: true })
  else Reflect.deleteProperty(asked, 'headersSent')
}

// Makes a response look ended before it is; it does so from then on, unless it is made to look open again.
export function lookEnded(res: ServerResponse): void {
  // Whoever asks whether somebody has answered would else answer again: Fastify would run the handler behind a hook that has refused.
  for (const name of ended(res)) Object.defineProperty(res, name, { value: true, configurable: true })
}

// Makes a response look as if nobody had answered.
export function lookOpen(res: ServerResponse): void {
  lookSent(res, false)
  for (const name of ended(res)) Reflect.deleteProperty(res, name)
}

// The `finished` of HTTP/1 stays as it is: by that, `server.close()` takes a connection for idle, and cuts the answer off.
function ended(res: ServerResponse): readonly string[] {
  return res instanceof ServerResponse ? ['writableEnded'] : ['finished', 'writableEnded']
}

// Whether it has ended, however it looks.
export function hasEnded(res: ServerResponse): boolean {
  return res instanceof ServerResponse ? res.finished : Reflect.get(Object.getPrototypeOf(res) ?? res, 'finished', res)
}

// Whether the client has gone, or all of it has left: over HTTP/2, only the stream knows.
export function isGone(res: ServerResponse & { stream?: { readonly destroyed: boolean } }): boolean {
  return res.destroyed || (res.stream?.destroyed ?? false)
}
