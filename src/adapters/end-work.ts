// What is to be done before a response ends.
export class EndWork {
  readonly #tasks: (() => Promise<void>)[] = []
  #doing: Promise<void> | null = null

  get isPending(): boolean {
    return this.#tasks.length > 0 || this.#doing !== null
  }

  // True if nothing was pending: then somebody has to see to it that it is done.
  add(task: () => Promise<void>): boolean {
    const isFirst = !this.isPending
    this.#tasks.push(task)
    return isFirst
  }

  // Does it; two that ask at once wait for the same.
  async finish(): Promise<void> {
    if (this.#tasks.length > 0) this.#doing ??= this.#doAll()
    await this.#doing
  }

  // One that fails takes no other with it: that may be a logout. The first error is told.
  async #doAll(): Promise<void> {
    const errors: unknown[] = []
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) {
      await task().catch(error => errors.push(error))
    }
    this.#doing = null
    if (errors.length > 0) throw errors[0]
  }
}
