/** Holds back whoever comes to it until it is opened: what a story uses in place of time. */
export class Gate {
  readonly #arrived = Promise.withResolvers<void>()
  readonly #opened = Promise.withResolvers<void>()

  /** Resolves when somebody has come to it. */
  get arrived(): Promise<void> {
    return this.#arrived.promise
  }

  /** Comes to it, and resolves when it is open. */
  pass(): Promise<void> {
    this.#arrived.resolve()
    return this.#opened.promise
  }

  open(): void {
    this.#opened.resolve()
  }

  /** Lets nobody through: who waits, and who comes later, gets this error. */
  fail(error: Error): void {
    this.#opened.reject(error)
  }
}
