import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

type Native = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>

/** Where Node keeps the text of the head, once it is made. `headersSent` is derived from it, and middleware reads either. */
interface WithHead {
  _header: string | null
}

/** Headers that describe the answer which is dropped when the session cannot be saved: they would spoil the error answer. */
const ofTheAnswer =
  /^(content-(disposition|encoding|language|length|range|type)|transfer-encoding|etag|last-modified|location|cache-control|expires|accept-ranges)$/

/**
 * Holds back a Node response from its first byte until something is done, whichever of `writeHead`, `write`, `end`,
 * `flushHeaders`, `pipe` or an implicit header starts it. Meanwhile the response looks sent to the program, and the calls
 * that would send wait in their order, with their arguments as they were.
 */
export class HeldResponse {
  readonly #res: ServerResponse
  readonly #native: Native
  readonly #prepare: (status: number) => Promise<void>
  readonly #fail: (error: unknown) => void
  #phase: 'open' | 'held' | 'sent'
  #waiting: (() => void)[] = []
  #failed = false
  #beforeEnd: (() => Promise<void>)[] = []

  /** `prepare` runs before the headers leave. If it rejects, the answer is dropped, and `fail` has to give another. */
  constructor(
    res: ServerResponse,
    prepare: (status: number) => Promise<void>,
    fail: (error: unknown) => void,
  ) {
    this.#res = res
    this.#prepare = prepare
    this.#fail = fail
    this.#phase = res.headersSent ? 'sent' : 'open'
    this.#native = {
      writeHead: res.writeHead,
      write: res.write,
      end: res.end,
      flushHeaders: res.flushHeaders,
    }
    this.#takeOver()
  }

  /** Runs this before the response ends: also when the client goes away, and at once if it has ended already. */
  beforeEnd(run: () => Promise<void>): void {
    this.#beforeEnd.push(run)
    if (this.#beforeEnd.length > 1) return
    const runNow = (): void => void this.#runBeforeEnd().catch(() => undefined)
    if (this.#res.writableEnded || this.#res.destroyed) runNow()
    else this.#res.once('close', runNow)
  }

  #takeOver(): void {
    const res = this.#res
    const native = this.#native
    Object.assign(res, {
      writeHead: (...args: Parameters<typeof res.writeHead>) => {
        // A second head while the first waits: Node itself says what is wrong with that.
        if (this.#phase !== 'open') return native.writeHead.apply(res, args)
        applyHead(res, args)
        this.#hold(() => native.writeHead.call(res, res.statusCode))
        return res
      },
      flushHeaders: () => {
        if (this.#phase === 'sent') native.flushHeaders.call(res)
        if (this.#phase === 'open') this.#hold(() => native.flushHeaders.call(res))
      },
      write: (...args: Parameters<typeof res.write>) => {
        if (this.#phase === 'sent') return !this.#isLeftover() && native.write.apply(res, args)
        this.#hold(() => native.write.apply(res, args))
        return false
      },
      end: (...args: Parameters<typeof res.end>) => {
        if (this.#phase === 'sent') this.#end(args)
        else this.#hold(() => this.#end(args))
        return res
      },
    })
  }

  /** Changes headers while the response is held back, when nobody else may. */
  editHeaders(edit: (res: ServerResponse) => void): void {
    const held = this.#phase === 'held'
    if (held) this.#setHead(null)
    edit(this.#res)
    if (held) this.#setHead('held back')
  }

  #hold(call: () => void): void {
    this.#waiting.push(call)
    if (this.#phase === 'held') return
    this.#phase = 'held'
    this.#setHead('held back')
    this.#release().catch(error => this.#drop(error))
  }

  async #release(): Promise<void> {
    const res = this.#res
    await this.#prepare(res.statusCode)
    this.#setHead(null)
    this.#phase = 'sent'
    const waiting = this.#waiting
    this.#waiting = []
    for (const call of waiting) call()
    // Whoever was told to wait by a `write` that returned false waits for this.
    if (!res.writableNeedDrain && !res.writableEnded) res.emit('drain')
  }

  /** Makes room for the error answer: nothing of the program's own has left. */
  #drop(error: unknown): void {
    const res = this.#res
    this.#waiting = []
    if (this.#phase === 'sent') {
      res.destroy(error as Error)
      return
    }
    this.#setHead(null)
    this.#phase = 'open'
    this.#failed = true
    for (const name of res.getHeaderNames()) if (ofTheAnswer.test(name)) res.removeHeader(name)
    res.statusCode = 500
    res.statusMessage = ''
    this.#fail(error)
  }

  /** After the error answer, what the program still writes of its own answer has no place to go; Node would crash on it. */
  #isLeftover(): boolean {
    return this.#failed && this.#res.writableEnded
  }

  #end(args: Parameters<ServerResponse['end']>): void {
    if (this.#isLeftover()) return
    if (this.#beforeEnd.length === 0) this.#native.end.apply(this.#res, args)
    else
      this.#runBeforeEnd().then(
        () => this.#end(args),
        error => this.#res.destroy(error),
      )
  }

  async #runBeforeEnd(): Promise<void> {
    for (let run = this.#beforeEnd[0]; run; run = this.#beforeEnd[0]) {
      await run()
      this.#beforeEnd.shift()
    }
  }

  #setHead(head: string | null): void {
    ;(this.#res as unknown as WithHead)._header = head
  }
}

/** What `writeHead` does with its arguments but for sending: later headers replace earlier ones, an array may repeat a name. */
function applyHead(res: ServerResponse, [status, ...rest]: readonly unknown[]): void {
  res.statusCode = Number(status)
  if (typeof rest[0] === 'string') res.statusMessage = rest.shift() as string
  const fields = rest.find(field => field !== undefined && field !== null) ?? {}
  if (!Array.isArray(fields)) {
    for (const [name, value] of Object.entries(fields)) res.setHeader(name, value as OutgoingHttpHeader)
    return
  }
  const pairs = pairsOf(fields)
  for (const [name] of pairs) res.removeHeader(name)
  for (const [name, value] of pairs) res.appendHeader(name, value as string)
}

/** Node takes `[name, value, name, value]`, and, when no header was set before, `[[name, value], [name, value]]`. */
function pairsOf(fields: readonly unknown[]): [name: string, value: unknown][] {
  if (Array.isArray(fields[0])) return fields as [string, unknown][]
  return Array.from({ length: fields.length / 2 }, (_, i) => [String(fields[2 * i]), fields[2 * i + 1]])
}
