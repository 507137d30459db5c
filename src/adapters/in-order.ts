import type { BeforeHeaders } from './exchange.ts'

// Both, the first one first. The second runs also if the first rejects: each is told of every answer once, also of the one
// that is dropped for that.
export function inOrder(first: BeforeHeaders | undefined, second: BeforeHeaders): BeforeHeaders {
  if (!first) return second
  return status => {
    const waiting = first(status)
    return waiting ? waiting.finally(() => second(status)) : second(status)
  }
}
