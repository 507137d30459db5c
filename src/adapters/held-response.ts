import { type OutgoingHttpHeader, ServerResponse } from 'node:http'
import { describesAnswer } from './describes-answer.ts'
import { holdEarlyCalls } from './early-calls.ts'
import type { BeforeHeaders } from './exchange.ts'
import { type Answer, type Calls, callsFor, firstCalls, type Holder, install } from './held-calls.ts'
import { applyHead, checkChunk, checkHead, reasonOf } from './write-head.ts'

/**
 * The status of a response whose answer was dropped, until an error answer sets its own; 500 if that sets none. Nobody sets
 * this one, and HTTP/2 takes it.
 */
const untouched = 599

/**
 * Holds back a Node response from its first byte until something is done, whichever of `writeHead`, `write`, `end`,
 * `flushHeaders`, `pipe` or an implicit header starts it. Meanwhile the response looks sent to the program, and the calls
 * that would send wait in their order, with their arguments as they were.
 */
export class HeldResponse implements Holder {
  readonly #res: ServerResponse
  readonly #native: Calls
  #calls: Calls
  readonly #prepare: BeforeHeaders
  readonly #fail: (error: unknown) => void
  #phase: 'open' | 'held' | 'sent'
  #waiting: (() => void)[] = []
  readonly #first: Answer = { ended: false, dropped: false }
  #answer = this.#first
  /** How a response stands from which an answer was dropped, while that answer may still go on and nobody began another. */
  #blank: string | null = null
  #failed = false
  #wrote = false
  /** Node runs its own `end`, which over HTTP/2 calls `write`. */
  #ending = false
  /** The program's own cookies: those that were added for an answer that is dropped go with it. */
  #cookies: OutgoingHttpHeader | undefined
  #beforeEnd: (() => Promise<void>)[] = []
  #finishing: Promise<void> | null = null

  /** `prepare` runs before the headers leave. If it rejects, the answer is dropped, and `fail` has to give another. */
  constructor(res: ServerResponse, prepare: BeforeHeaders, fail: (error: unknown) => void) {
    this.#res = res
    this.#prepare = prepare
    this.#fail = fail
    this.#phase = res.headersSent ? 'sent' : 'open'
    const { writeHead, write, end, flushHeaders } = res
    this.#native = { writeHead, write, end, flushHeaders }
    this.#calls = holdEarlyCalls(res, this) ? firstCalls : callsFor(this, this.#first)
    install(res, this.#calls)
  }

  /** Whether what the program calls may have to wait. */
  get holds(): boolean {
    return this.#phase !== 'sent'
  }

  get savesAtEnd(): boolean {
    return this.#beforeEnd.length > 0 || this.#finishing !== null
  }

  /** What the program is to call. */
  get calls(): Calls {
    return this.#calls
  }

  /** Runs this before the response ends: also when the client goes away, and at once if it has ended already. */
  beforeEnd(run: () => Promise<void>): void {
    this.#beforeEnd.push(run)
    // It has been listened for, or what runs now will come to this one too.
    if (this.#beforeEnd.length > 1 || this.#finishing) return
    const runNow = (): void => void this.finish().catch(() => undefined)
    if (this.#res.writableEnded || this.#res.destroyed) runNow()
    else this.#res.once('close', runNow)
  }

  /** Changes headers while the response is held back, when nobody else may. */
  editHeaders(edit: (res: ServerResponse) => void): void {
    const held = this.#phase === 'held'
    if (held) this.#setHead(null)
    edit(this.#res)
    if (held) this.#setHead('held back')
  }

  writeHead(args: Parameters<Calls['writeHead']>, answer: Answer = this.#first): ServerResponse {
    const res = this.#res
    if (answer.dropped) return res
    // A second head while the first waits: Node itself says what is wrong with that.
    if (this.#phase !== 'open') return this.#native.writeHead.apply(res, args)
    applyHead(res, args)
    this.#hold(() => this.#native.writeHead.call(res, res.statusCode))
    return res
  }

  flushHeaders(answer: Answer = this.#first): void {
    if (this.#isLeftover(answer)) return
    const flush = (): void => this.#native.flushHeaders.call(this.#res)
    if (this.#phase === 'sent') flush()
    if (this.#phase === 'open') this.#hold(flush)
  }

  write(args: Parameters<Calls['write']>, answer: Answer = this.#first): boolean {
    if (this.#ending) return this.#native.write.apply(this.#res, args)
    checkChunk(this.#res, args[0])
    if (this.#isLeftover(answer)) return true
    return this.#write(args)
  }

  end(args: Parameters<Calls['end']>, answer: Answer = this.#first): ServerResponse {
    if (args[0] && typeof args[0] !== 'function') checkChunk(this.#res, args[0])
    if (this.#isLeftover(answer)) {
      this.#blank = null
      return this.#res
    }
    if (this.#phase === 'sent') this.#end(args)
    else this.#hold(() => this.#end(args))
    answer.ended = true
    return this.#res
  }

  #write(args: Parameters<Calls['write']>): boolean {
    if (this.#phase === 'sent') return this.#native.write.apply(this.#res, args)
    // While something is held back, it stays so: wait for `drain`.
    let more = false
    this.#wrote = true
    this.#hold(() => {
      more = this.#native.write.apply(this.#res, args)
    })
    return more
  }

  #hold(call: () => void): void {
    if (this.#phase === 'open') {
      if (this.#failed && this.#res.statusCode === untouched) this.#res.statusCode = 500
      checkHead(this.#res)
      this.#cookies = this.#res.getHeader('Set-Cookie')
      const preparing = this.#prepare(this.#res.statusCode)
      if (!preparing) {
        this.#phase = 'sent'
        call()
        return
      }
      this.#phase = 'held'
      this.#setHead('held back')
      void this.#release(preparing)
    }
    this.#waiting.push(call)
  }

  async #release(preparing: Promise<void>): Promise<void> {
    const res = this.#res
    const { statusCode } = res
    const statusMessage = reasonOf(res)
    try {
      await preparing
      this.#setHead(null)
      // What the program did to these meanwhile came too late, as it does when a head has left.
      res.statusCode = statusCode
      if (reasonOf(res) !== statusMessage) res.statusMessage = statusMessage
      this.#phase = 'sent'
      for (const call of this.#waiting.splice(0)) call()
    } catch (error) {
      return this.#drop(error)
    }
    if (!this.#wrote) return
    // Whoever was told to wait by a `write` that returned false waits for this.
    process.nextTick(() => {
      if (!res.writableNeedDrain && (this.#failed || !res.writableEnded)) res.emit('drain')
    })
  }

  /** Makes room for the error answer: nothing of the program's own has left. */
  #drop(error: unknown): void {
    const res = this.#res
    this.#waiting = []
    // Something has left, or this was the error answer itself: all that can be done is to let the client see it break off.
    if (this.#phase === 'sent' || this.#failed) {
      res.destroy(error as Error)
      return
    }
    const dropped = this.#answer
    this.#answer = { ended: false, dropped: false }
    dropped.dropped = true
    this.#calls = callsFor(this, this.#answer)
    install(res, this.#calls)
    this.#setHead(null)
    this.#phase = 'open'
    this.#failed = true
    for (const name of res.getHeaderNames()) if (describesAnswer(name)) res.removeHeader(name)
    if (this.#cookies === undefined) res.removeHeader('Set-Cookie')
    else res.setHeader('Set-Cookie', this.#cookies)
    res.statusCode = untouched
    if (reasonOf(res)) res.statusMessage = ''
    const blank = this.#stand()
    this.#fail(error)
    if (dropped.ended) return
    this.#blank = blank
    // What is piped goes on to its end, into nothing, and does not wait for ever.
    process.nextTick(() => res.emit('drain'))
  }

  /**
   * Whether a call belongs to an answer that was dropped, and has no place to go. After the error answer that is any call, on
   * which Node would crash; before an error answer that takes its time, any that begins a body on a response as `drop` left it.
   */
  #isLeftover(answer: Answer): boolean {
    if (answer.dropped) return true
    if (!this.#failed) return false
    return answer.ended || (this.#phase === 'open' && this.#blank === this.#stand())
  }

  #stand(): string {
    return `${this.#res.statusCode} ${this.#res.getHeaderNames()}`
  }

  #end(args: Parameters<Calls['end']>): void {
    if (!this.savesAtEnd) {
      this.#ending = true
      this.#native.end.apply(this.#res, args)
      this.#ending = false
      return
    }
    this.finish()
      .then(() => this.#end(args))
      .catch(error => this.#res.destroy(error))
  }

  /** Runs what is to run before the end; two that ask at once wait for the same. */
  async finish(): Promise<void> {
    if (this.#beforeEnd.length > 0) this.#finishing ??= this.#runBeforeEnd()
    await this.#finishing
  }

  async #runBeforeEnd(): Promise<void> {
    try {
      for (let run = this.#beforeEnd.shift(); run; run = this.#beforeEnd.shift()) await run()
    } finally {
      this.#finishing = null
    }
  }

  // Node keeps the text of the head, once it is made, in `_header`. `headersSent` is derived from it, and middleware reads either.
  // Its HTTP/2 response has no such text: it asks its stream, whose `headersSent` can be shadowed, as can
  // that of a response that is made up for a test.
  #setHead(head: string | null): void {
    const res: object = this.#res
    if (res instanceof ServerResponse) return void Object.assign(res, { _header: head })
    const { stream = res } = res as { stream?: object }
    if (head) Object.defineProperty(stream, 'headersSent', { value: true, configurable: true })
    else Reflect.deleteProperty(stream, 'headersSent')
  }
}
