/** Grows from about one to about sixty milliseconds, at random, so that processes that collided once part ways. */
export function pauseBeforeRetry(attempt: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 64)))
}
