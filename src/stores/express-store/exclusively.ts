/** Lets tasks that share a key run one after another in this process, in the order in which they came. */
export class Exclusively {
  readonly #last = new Map<string, Promise<unknown>>()

  run<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const before = Promise.all(keys.map(key => this.#last.get(key)))
    const turn = before.then(task)
    const over = turn.then(ignore, ignore)
    // All keys at once, so that no two tasks can wait for each other.
    for (const key of keys) this.#last.set(key, over)
    void over.then(() => {
      for (const key of keys) if (this.#last.get(key) === over) this.#last.delete(key)
    })
    return turn
  }
}

function ignore(): void {}
