import type { Awaitable } from './awaitable.ts'

/** Under which a function that promises has the function that answers in the same turn. */
const key: unique symbol = Symbol('keepsake')

type Promising = (...args: never[]) => Promise<unknown>

/** The same function, of which an answer that is there is no promise. */
type AtOnce<F extends Promising> = (...args: Parameters<F>) => Awaitable<Awaited<ReturnType<F>>>

/**
 * Makes of a function that can answer in the same turn one that promises, as the contract of stores has it. The first is noted on
 * the second, and not beside it: whoever wraps the second, or puts another in its place, is asked then and not passed by.
 */
export function promising<F extends Promising>(answer: AtOnce<F>): F {
  const promise = async (...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> => answer(...args)
  return Object.assign(promise, { [key]: answer }) as unknown as F
}

/** Another way to call a function: what it can answer in the same turn need not be waited for. */
export function atOnce<F extends Promising>(promise: F & { readonly [key]?: AtOnce<F> }): AtOnce<F> {
  return promise[key] ?? (promise as unknown as AtOnce<F>)
}
