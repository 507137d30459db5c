/** A value that is there, or will be: what is there need not be waited for, which costs a turn. */
export type Awaitable<T> = T | Promise<T>

/** What becomes of the value, at once if it is there. */
export function whenThere<T, R>(value: Awaitable<T>, use: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(use) : use(value)
}

/** Whether it will be: also a promise of another realm, or of a library. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value
}

/** A promise of what a function gives or throws: what an async function makes of it, which takes longer where that is there at once. */
export function promised<T>(run: () => Awaitable<T>): Promise<T> {
  try {
    return Promise.resolve(run())
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Runs an async function. Undefined: it was done without waiting, so nobody has to wait for it. */
export function unlessDone(run: (done: () => void) => Promise<void>): Promise<void> | undefined {
  let isDone = false
  const running = run(() => {
    isDone = true
  })
  return isDone ? undefined : running
}
