// A program may change its session for as long as a job takes that it has begun. So many changes are saved before its answer ends; what
// comes later is saved by itself, as it is when the answer has ended.
const mostBeforeEnd = 8

// What is to be done before a response ends.
export class EndWork {
  readonly #tasks: (() => Promise<void>)[] = []
  #doing: Promise<void> | null = null
  #done = 0

  get isPending(): boolean {
    return this.#tasks.length > 0 || this.#doing !== null
  }

  get holdsEnd(): boolean {
    return this.isPending && this.#done < mostBeforeEnd
  }

  // True if nothing was pending: then somebody has to see to it that it is done.
  add(task: () => Promise<void>): boolean {
    const isFirst = !this.isPending
    this.#tasks.push(task)
    return isFirst
  }

  // Does what the end has to wait for.
  finish(): Promise<void> {
    return this.#doWhile(() => this.holdsEnd)
  }

  finishAll(): Promise<void> {
    return this.#doWhile(() => this.isPending)
  }

  // Two that ask at once wait for the same. A task that fails takes no other with it: that may be a logout. The first error is told.
  async #doWhile(goOn: () => boolean): Promise<void> {
    const errors: unknown[] = []
    while (goOn()) {
      this.#doing ??= this.#doNext()
      await this.#doing.catch(error => errors.push(error))
    }
    if (errors.length > 0) throw errors[0]
  }

  async #doNext(): Promise<void> {
    try {
      await this.#tasks.shift()?.()
    } finally {
      this.#doing = null
      this.#done++
    }
  }
}
