import { KeepsakeError } from '../../errors.ts'

/**
 * Lets only so many hashes be computed at once: at 19 MiB each, a thousand logins at once would take 19 GiB. The next ones
 * wait in the order in which they came; who finds the queue full gets `PASSWORDS_BUSY` at once.
 */
export class HashQueue {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#enter()
    try {
      return await task()
    } finally {
      this.#leave()
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running++
      return
    }
    if (this.#waiting.length >= this.#mostWaiting) {
      throw new KeepsakeError('PASSWORDS_BUSY', `${this.#running} are being hashed and ${this.#waiting.length} wait`)
    }
    await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  /** Who waits takes over the place: were it free for a moment, a newcomer could overtake. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}
