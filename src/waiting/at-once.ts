import type { Awaitable } from './awaitable.ts'

/** Under which a function that promises has the function that answers in the same turn, and itself. */
const key: unique symbol = Symbol('keepsake')

type Promising = (...args: never[]) => Promise<unknown>

/** The same function, of which an answer that is there is no promise. */
type AtOnce<F extends Promising> = (...args: Parameters<F>) => Awaitable<Awaited<ReturnType<F>>>

interface Noted<F extends Promising> {
  readonly [key]?: { readonly verb: F; readonly answering: AtOnce<F> }
}

/**
 * Makes of a function that can answer in the same turn one that promises, as the contract of stores has it. The first is noted on
 * the second, and not beside it: whoever wraps the second, or puts another in its place, is asked then and not passed by.
 */
export function promising<F extends Promising>(answering: AtOnce<F>): F {
  const verb = (async (...args: Parameters<F>) => answering(...args)) as unknown as F & Noted<F>
  return Object.assign(verb, { [key]: { verb, answering } })
}

/** Another way to call a function: what it can answer in the same turn need not be waited for. */
export function atOnce<F extends Promising>(verb: F & Noted<F>): AtOnce<F> {
  const noted = verb[key]
  // A Proxy and a spy of vitest show what is noted on the function inside.
  return noted?.verb === verb ? noted.answering : (verb as unknown as AtOnce<F>)
}
