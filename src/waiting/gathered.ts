import type { Awaitable } from './awaitable.ts'
import { requestsShareNothing } from './runtime.ts'

/** One of several calls that are answered together. */
export interface Call<Asked, Answer> {
  readonly asked: Asked
  readonly resolve: (answer: Answer | PromiseLike<Answer>) => void
  readonly reject: (error: unknown) => void
}

/**
 * Taken when the program starts: a test that stops the clocks of its program does not stop this. Runtimes for the edge have no
 * `setImmediate`, and gather less.
 */
const afterThisTurn: (run: () => void) => unknown = globalThis.setImmediate ?? queueMicrotask

/** So that one answer is neither larger, nor holds up the others for longer, than can be borne. */
const most = 100

/**
 * Gathers what is asked for in one turn of the event loop, and answers it together: what costs as much for one as for many, such as
 * a commit or a query, is paid once for all requests that came at the same time. `answer` settles each call; the error that it
 * throws, or rejects with, is the answer to all that are not settled.
 */
export function gathered<Asked, Answer>(
  answer: (calls: readonly Call<Asked, Answer>[]) => Awaitable<void>,
): (asked: Asked) => Promise<Answer> {
  let calls: Call<Asked, Answer>[] = []
  const answerAll = async (): Promise<void> => {
    const due = calls
    calls = []
    try {
      await answer(due)
    } catch (error) {
      for (const { reject } of due) reject(error)
    }
  }
  return asked =>
    new Promise((resolve, reject) => {
      const count = calls.push({ asked, resolve, reject })
      if (count === most || requestsShareNothing) void answerAll()
      else if (count === 1) afterThisTurn(answerAll)
    })
}
