interface Run<T> {
  readonly answer: Promise<T>
  readonly since: number
  next?: Promise<T>
}

/** How long others wait for a read before they begin one of their own. */
const patienceMs = 1000

/**
 * Lets callers that want the same share one read: at any time at most one runs, and one waits. Who comes while one runs shares
 * the next, not that one: so each read begins after it was asked for, and sees everything that was done before.
 */
export class SharedReads<T> {
  readonly #runs = new Map<string, Run<T>>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  run(key: string, read: () => Promise<T>): Promise<T> {
    const run = this.#runs.get(key)
    if (!run || Math.abs(this.#now() - run.since) >= patienceMs) return this.#start(key, read)
    const begin = (): Promise<T> => this.#start(key, read)
    run.next ??= run.answer.then(begin, begin)
    return run.next
  }

  #start(key: string, read: () => Promise<T>): Promise<T> {
    const run = { answer: read(), since: this.#now() }
    this.#runs.set(key, run)
    const leave = (): void => {
      if (this.#runs.get(key) === run) this.#runs.delete(key)
    }
    run.answer.then(leave, leave)
    return run.answer
  }
}
