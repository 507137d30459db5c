/** A value that is there, or will be: what is there need not be waited for, which costs a turn. */
export type Awaitable<T> = T | Promise<T>

/** Whether it will be: also a promise of another realm, or of a library. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value
}
