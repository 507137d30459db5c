interface WaitingCall {
  readonly run: () => void
  readonly args: readonly unknown[]
}

// Calls that wait to be made, in their order.
export class WaitingCalls {
  readonly #calls: WaitingCall[] = []

  add(run: () => void, args: readonly unknown[]): void {
    this.#calls.push({ run, args })
  }

  addFirst(run: () => void, args: readonly unknown[]): void {
    this.#calls.unshift({ run, args })
  }

  // Makes them, until the others have to wait longer.
  run(mustWait: () => boolean): void {
    while (!mustWait()) {
      const call = this.#calls.shift()
      if (!call) return
      try {
        call.run()
      } catch (error) {
        giveUp(call.args, error)
        throw error
      }
    }
  }

  // Makes none of them.
  giveUp(error: unknown): void {
    for (const { args } of this.#calls.splice(0)) giveUp(args, error)
  }
}

// Tells whoever waits for a call that it was not made.
export function giveUp(args: readonly unknown[], error: unknown): void {
  const callback = args.findLast(arg => typeof arg === 'function')
  if (callback) process.nextTick(callback as (error: unknown) => void, error)
}
