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
  // Whoever asks whether somebody has answered would else answer again: Fastify would run the handler behind a hook that has refused,
  // and Node takes a second `end` for a fault that ends the process. `writableEnded` is derived from `finished`.
  if (res instanceof ServerResponse) res.finished = ended
  else shadow(res, ['finished', 'writableEnded'], ended)
}

/** Makes a response look again as it is. */
export function lookOpen(res: ServerResponse): void {
  lookSent(res, false)
  lookEnded(res, false)
}

// Node's HTTP/2 classes have getters on their prototypes.
function shadow(object: object, names: readonly string[], shadowed: boolean): void {
  for (const name of names) {
    if (shadowed) Object.defineProperty(object, name, { value: true, configurable: true })
    else Reflect.deleteProperty(object, name)
  }
}
