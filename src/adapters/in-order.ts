type BeforeHeaders = (status: number) => Promise<void>

/**
 * Both, the first one first. The second runs also if the first rejects: each is told of every answer once, also of the one
 * that is dropped for that.
 */
export function inOrder(first: BeforeHeaders | undefined, second: BeforeHeaders): BeforeHeaders {
  if (!first) return second
  return async status => {
    try {
      await first(status)
    } finally {
      await second(status)
    }
  }
}
