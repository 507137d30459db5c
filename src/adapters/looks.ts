import { ServerResponse } from 'node:http'

/** Makes a response look as if its head had left. */
export function lookSent(res: ServerResponse, sent: boolean): void {
  // Node keeps the text of the head, once it is made, in `_header`: `headersSent` is derived from it, and middleware reads either. Its
  // HTTP/2 response has no such text and asks its stream. One that is made up for a test has neither.
  if (res instanceof ServerResponse) Object.assign(res, { _header: sent ? 'held back' : null })
  else shadow((res as { stream?: object }).stream ?? res, ['headersSent'], sent)
}

/** Makes a response look ended before it is. */
export function lookEnded(res: ServerResponse, ended: boolean): void {
  // Whoever asks whether somebody has answered would else answer again: Fastify would run the handler behind a hook that has refused.
  // The `finished` of HTTP/1 stays as it is: by that, `server.close()` takes a connection for idle, and cuts the answer off.
  shadow(res, res instanceof ServerResponse ? ['writableEnded'] : ['finished', 'writableEnded'], ended)
}

/** Makes a response look again as it is. */
export function lookOpen(res: ServerResponse): void {
  lookSent(res, false)
  lookEnded(res, false)
}

// What Node's classes have a getter for, on their prototype.
function shadow(object: object, names: readonly string[], shadowed: boolean): void {
  for (const name of names) {
    if (shadowed) Object.defineProperty(object, name, { value: true, configurable: true })
    else Reflect.deleteProperty(object, name)
  }
}
