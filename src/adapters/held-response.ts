import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { standOf, stripAnswer, suggestFailure } from './describes-answer.ts'
import { holdEarlyCalls } from './early-calls.ts'
import { EndWork } from './end-work.ts'
import type { BeforeHeaders } from './exchange.ts'
import { type Answer, type Calls, callsFor, chunkOf, firstCalls, type Holder, install } from './held-calls.ts'
import { isGone, lookEnded, lookOpen, lookSent } from './looks.ts'
import { giveUp, WaitingCalls } from './waiting-calls.ts'
import { checkChunk, checkHead, reasonOf, refuseSecondHead, sendHead } from './write-head.ts'

// Holds back a Node response from its first byte until something is done, whichever of `writeHead`, `write`, `end`,
// `flushHeaders`, `pipe` or an implicit header starts it. Meanwhile the response looks sent to the program, and the calls
// that would send wait in their order, with their arguments as they were.
export class HeldResponse implements Holder {
  readonly #res: ServerResponse
  readonly native: Calls
  calls: Calls
  readonly #prepare: BeforeHeaders
  readonly #fail: (error: unknown) => void
  #phase: 'open' | 'held' | 'sent'
  #waitingCalls: WaitingCalls | undefined
  readonly #first: Answer = { ended: false, dropped: false }
  #answer = this.#first
  // How a response stands from which an answer was dropped, while that answer may still go on and nobody began another.
  #blank: string | null = null
  failure: { readonly error: unknown } | undefined
  headCameFromBelow = false
  #wrote = false
  // Node runs its own `end`, which over HTTP/2 calls `write`.
  #ending = false
  // The program's own cookies: those that were added for an answer that is dropped go with it.
  #cookies: OutgoingHttpHeader | undefined
  #endWork: EndWork | undefined
  // The head has left, and the end waits for that.
  #endWaits = false

  // `prepare` runs before the headers leave. If it rejects, the answer is dropped, and `fail` has to give another.
  constructor(res: ServerResponse, prepare: BeforeHeaders, fail: (error: unknown) => void) {
    this.#res = res
    this.#prepare = prepare
    this.#fail = fail
    this.#phase = res.headersSent ? 'sent' : 'open'
    const { writeHead, write, end, flushHeaders } = res
    this.native = { writeHead, write, end, flushHeaders }
    this.calls = holdEarlyCalls(res, this) ? firstCalls : callsFor(this, this.#first)
    install(res, this.calls)
  }

  // Whether what the program calls may have to wait for the head.
  get holds(): boolean {
    return this.#phase !== 'sent'
  }

  get savesAtEnd(): boolean {
    return this.#endWaits || (this.#endWork?.holdsEnd ?? false)
  }

  // Runs this before the response ends: also when the client goes away, and at once if it has ended already.
  beforeEnd(run: () => Promise<void>): void {
    this.#endWork ??= new EndWork()
    const endWork = this.#endWork
    // It has been listened for, or what runs now will come to this one too.
    if (!endWork.add(run)) return
    const runNow = (): void => void endWork.finishAll().catch(() => undefined)
    if ((this.#res.writableEnded && !this.#mustWait) || isGone(this.#res)) runNow()
    else this.#res.once('close', runNow)
  }

  // Changes headers while the response is held back, when nobody else may.
  editHeaders(edit: (res: ServerResponse) => void): void {
    const held = this.#phase === 'held'
    if (held) lookSent(this.#res, false)
    edit(this.#res)
    if (held) lookSent(this.#res, true)
  }

  writeHead(args: Parameters<Calls['writeHead']>, answer: Answer = this.#first): ServerResponse {
    const res = this.#res
    if (answer.dropped) return res
    // Node's own call for a body that starts the head has nothing but the status.
    if (this.#phase === 'sent' && (args.length === 1 || res.headersSent)) return this.native.writeHead.apply(res, args)
    if (this.#phase === 'held') return refuseSecondHead(res, args)
    sendHead(res, args, () => this.#hold(() => this.native.writeHead.call(res, res.statusCode)))
    return res
  }

  flushHeaders(answer: Answer = this.#first): void {
    if (this.#isLeftover(answer)) return
    this.#hold(() => this.native.flushHeaders.call(this.#res))
  }

  write(args: Parameters<Calls['write']>, answer: Answer = this.#first): boolean {
    if (this.#ending) return this.native.write.apply(this.#res, args)
    checkChunk(this.#res, args[0])
    if (this.#isLeftover(answer, args)) return true
    if (this.isSecond(args, answer)) return false
    // While something is held back, it stays so: wait for `drain`.
    let more = false
    this.#wrote = true
    this.#hold(() => {
      more = this.native.write.apply(this.#res, args)
    }, args)
    return more
  }

  end(args: Parameters<Calls['end']>, answer: Answer = this.#first): ServerResponse {
    if (chunkOf(args)) checkChunk(this.#res, args[0])
    if (this.#isLeftover(answer, args)) {
      this.#blank = null
      return this.#res
    }
    if (this.isSecond(args, answer)) return this.#res
    this.#hold(() => this.#end(args), args)
    if (this.#phase === 'held') lookEnded(this.#res)
    answer.ended = true
    return this.#res
  }

  get #waiting(): WaitingCalls {
    this.#waitingCalls ??= new WaitingCalls()
    return this.#waitingCalls
  }

  #hold(run: () => void, args: readonly unknown[] = []): void {
    if (this.#phase === 'open') this.#begin()
    if (this.#mustWait) this.#waiting.add(run, args)
    else run()
  }

  get #mustWait(): boolean {
    return this.holds || this.#endWaits
  }

  #begin(): void {
    const res = this.#res
    // One that was only suggested is none to Node's HTTP/2.
    if (this.failure) Object.assign(res, { statusCode: res.statusCode })
    checkHead(res)
    this.#cookies = res.getHeader('set-cookie')
    const preparing = this.#prepare(res.statusCode)
    this.#phase = preparing ? 'held' : 'sent'
    if (!preparing) return
    lookSent(res, true)
    void this.#release(preparing)
  }

  async #release(preparing: Promise<void>): Promise<void> {
    const res = this.#res
    const { statusCode } = res
    const statusMessage = reasonOf(res)
    try {
      await preparing
      // What was changed meanwhile is saved before the end, and as long as nothing has left, an error can still be answered.
      while (this.#answer.ended && this.#endWork?.holdsEnd) await this.#endWork.finish()
      lookSent(res, false)
      // What the program did to these meanwhile came too late, as it does when a head has left.
      res.statusCode = statusCode
      if (reasonOf(res) !== statusMessage) res.statusMessage = statusMessage
      this.#phase = 'sent'
      this.#runWaiting()
    } catch (error) {
      return this.#drop(error)
    }
    if (!this.#wrote) return
    // Whoever was told to wait by a `write` that returned false waits for this.
    process.nextTick(() => {
      if (!res.writableNeedDrain && (this.failure || !res.writableEnded)) res.emit('drain')
    })
  }

  #runWaiting(): void {
    this.#waitingCalls?.run(() => this.#endWaits)
  }

  // Makes room for the error answer: nothing of the program's own has left.
  #drop(error: unknown): void {
    const res = this.#res
    const twice = this.failure !== undefined
    this.failure ??= { error }
    this.#waitingCalls?.giveUp(error)
    if (this.#phase === 'held' || !res.headersSent) lookOpen(res)
    // Something has left, or this was the error answer itself: all that can be done is to let the client see it break off.
    if (res.headersSent || twice || this.headCameFromBelow) return void res.destroy(error as Error)
    const dropped = this.#answer
    this.#answer = { ended: false, dropped: false }
    dropped.dropped = true
    this.calls = callsFor(this, this.#answer)
    install(res, this.calls)
    this.#phase = 'open'
    stripAnswer(res, this.#cookies)
    suggestFailure(res)
    const blank = standOf(res)
    this.#fail(error)
    if (dropped.ended) return
    this.#blank = blank
    // What is piped goes on to its end, into nothing, and does not wait for ever.
    process.nextTick(() => res.emit('drain'))
  }

  // Whether a call belongs to an answer that was dropped, and has no place to go. After the error answer that is any call, on
  // which Node would crash; before an error answer that takes its time, any that begins a body on a response as `drop` left it.
  #isLeftover({ dropped, ended }: Answer, args: readonly unknown[] = []): boolean {
    if (!this.failure) return false
    const leftover = dropped || ended || (this.#phase === 'open' && this.#blank === standOf(this.#res))
    if (leftover) giveUp(args, this.failure.error)
    return leftover
  }

  // Whether a body comes after the end that Node does not know of yet. Node takes that for a fault, which ends the process where nobody
  // listens; whoever looks at `finished` cannot know better (see `looks`).
  isSecond(args: readonly unknown[], { ended }: Answer = this.#answer): boolean {
    if (!ended || chunkOf(args) === undefined || !this.#mustWait) return false
    if (this.#res.finished || this.#res.listenerCount('error') > 0) return false
    giveUp(args, Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' }))
    return true
  }

  #end(args: Parameters<Calls['end']>): void {
    if (this.savesAtEnd) this.endLater(() => this.#end(args), args)
    else this.#endNow(args)
  }

  #endNow(args: Parameters<Calls['end']>): void {
    this.#ending = true
    try {
      this.native.end.apply(this.#res, args)
    } finally {
      this.#ending = false
    }
    this.#runWaiting()
  }

  endLater(end: () => void, args: readonly unknown[]): void {
    if (this.#endWaits) return void this.#waiting.add(end, args)
    this.#waiting.addFirst(end, args)
    this.#endWaits = true
    this.#answer.ended = true
    lookEnded(this.#res)
    this.#endWork
      ?.finish()
      .finally(() => {
        this.#endWaits = false
      })
      .then(() => this.#runWaiting())
      .catch(error => this.#drop(error))
  }
}
