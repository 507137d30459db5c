import { setImmediate } from 'node:timers'
import type { Awaitable } from '../waiting/awaitable.ts'
import { requestsShareNothing } from '../waiting/runtime.ts'

// Neither the global one, nor what a test puts into the module later: a clock that stands still.
const nextTurn = setImmediate

/** One of several calls that are answered together. */
export interface Call<Asked, Answer> {
  readonly asked: Asked
  readonly resolve: (answer: Answer | PromiseLike<Answer>) => void
  readonly reject: (error: unknown) => void
}

/** So that one answer is neither larger, nor holds up the others for longer, than can be borne. */
const most = 100

/**
 * So many turns at most it waits while more come: requests of one moment are read over a few turns, and a turn of a server that has
 * nothing to do takes some microseconds. A write on Redis costs up to a tenth less than if it waited for one turn alone.
 */
const mostTurns = 3

/** Whether to put a text together with others takes longer than to send each by itself: beyond so many characters it does. */
export function isLargeText(text: string): boolean {
  return text.length > 16_384
}

/**
 * Gathers what is asked for in one turn of the event loop, and in the next as long as there is more, and answers it together: what
 * costs as much for one as for many, such as a commit or a query, is paid once for all requests that came at the same time. `answer`
 * settles each call; the error that it throws, or rejects with, is the answer to all that are not settled. What `isLarge` is answered
 * by itself.
 */
export function gathered<Asked, Answer>(
  answer: (calls: readonly Call<Asked, Answer>[]) => Awaitable<void>,
  isLarge: (asked: Asked) => boolean = () => false,
): (asked: Asked) => Promise<Answer> {
  let gathering: Call<Asked, Answer>[] = []
  const answerThese = async (calls: readonly Call<Asked, Answer>[]): Promise<void> => {
    try {
      await answer(calls)
    } catch (error) {
      for (const { reject } of calls) reject(error)
    }
  }
  const answerGathered = (): void => {
    const calls = gathering
    gathering = []
    if (calls.length > 0) void answerThese(calls)
  }
  const look = (before: number, turn: number): void => {
    const count = gathering.length
    if (count > before && turn < mostTurns) nextTurn(look, count, turn + 1)
    else answerGathered()
  }
  return asked =>
    new Promise((resolve, reject) => {
      const call = { asked, resolve, reject }
      if (requestsShareNothing || isLarge(asked)) return void answerThese([call])
      const count = gathering.push(call)
      if (count === most) answerGathered()
      else if (count === 1) nextTurn(look, 0, 1)
    })
}
