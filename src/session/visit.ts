import type { Exchange } from '../adapters/exchange.ts'
import { keepFromSharedCaches } from '../cookies/cache-policy.ts'
import { varyBy } from '../cookies/vary.ts'
import type { KeepsakeError } from '../errors.ts'
import { type Awaitable, promised, unlessDone, whenThere } from '../waiting/awaitable.ts'
import { type CommitMoment, commit, dropWishes, isSettled } from './commit.ts'
import { openSession } from './open.ts'
import type { SessionSettings } from './options.ts'
import { Session, type SessionHost } from './session.ts'
import type { SessionCore, SessionState } from './state.ts'

/**
 * One request's use of the session: opens it when first asked, commits it before the headers leave, and tells the browser
 * and the caches what follows from that. A request that never asks costs nothing here.
 */
export class Visit<Data extends object> implements SessionHost {
  readonly #core: SessionCore
  readonly #exchange: Exchange
  #opening: Promise<Session<Data>> | undefined
  #state: SessionState | undefined
  // The last commit, while it is under way or waits for others; and how many there are.
  #committing: Promise<void> | undefined
  #commits = 0
  #committingAtEnd = false
  // The state's revision when a commit that failed began: what the program was told of is not tried again behind its back.
  #refused = -1
  #failing = false
  // The headers are held back until the session is saved: a cookie can still go with them.
  #canSetCookie = false
  // Why the program's answer failed, and the state's revision then: what follows is the error answer.
  #failure: { readonly error: unknown; readonly revision: number | undefined } | undefined

  constructor(core: SessionCore, exchange: Exchange) {
    this.#core = core
    this.#exchange = exchange
  }

  /** The same session, or the same error, at every call. */
  session(): Promise<Session<Data>> {
    this.#opening ??= promised(() => this.#open())
    return this.#opening
  }

  #open(): Awaitable<Session<Data>> {
    this.#exchange.beforeHeaders(status => this.#beforeHeaders(status))
    return whenThere(openSession(this.#core, this.#exchange), state => {
      this.#state = state
      return new Session<Data>(this)
    })
  }

  get state(): SessionState {
    // There is a Session to ask only once there is this.
    return this.#state as SessionState
  }

  get settings(): SessionSettings {
    return this.#core.settings
  }

  get recordInCookie(): boolean {
    return this.#core.engine.recordInCookie ?? false
  }

  get headersSent(): boolean {
    return this.#exchange.headersSent
  }

  commit(): Promise<void> {
    // What it would save is dropped by now.
    if (this.#failure && this.#failure.revision === this.#state?.revision) return Promise.reject(this.#failure.error)
    const cookiePossible = this.#canSetCookie || !this.headersSent
    return this.#commit({ failing: false, cookiePossible }) ?? Promise.resolve()
  }

  // One commit after the other: what a second one saves depends on what the first one did. Undefined: it is done.
  #commit(moment: CommitMoment): Promise<void> | undefined {
    const state = this.#state
    if (!state) return undefined
    const run = (): Promise<void> | undefined =>
      unlessDone(async done => {
        const { revision } = state
        try {
          const committing = commit(this.#core, state, moment)
          if (committing) await committing
          done()
        } catch (error) {
          this.#refused = revision
          throw error
        } finally {
          if (--this.#commits === 0) this.#committing = undefined
        }
      })
    this.#commits++
    const committing = this.#committing ? this.#committing.then(run, run) : run()
    // One that is refused before it begins is over by now.
    this.#committing = this.#commits > 0 ? committing : undefined
    return committing
  }

  // A request with nothing to save, or that is saved at once, does not wait.
  #beforeHeaders(status: number): Promise<void> | undefined {
    // What is answered depends on the cookie, whatever the session said.
    for (const header of this.settings.transport.varyBy) {
      this.#exchange.setHeader('Vary', varyBy(header, this.#exchange.getHeader('vary')))
    }
    this.#failing = status >= 500
    const moment = { failing: this.#failing, cookiePossible: true }
    if (this.#state && !this.#committing && isSettled(this.#core, this.#state, moment)) return undefined
    return unlessDone(done => this.#save(moment, done))
  }

  async #save(moment: CommitMoment, done: () => void): Promise<void> {
    // If it could not be opened, the program has that error already, and there is nothing to save.
    if (!this.#state) await this.#opening?.catch(() => undefined)
    this.#canSetCookie = true
    try {
      // Commits that the program began and did not wait for, before this one or meanwhile: what becomes of them is in the answer. It
      // does not wait for more than it has promised a cookie, since a program may commit again and again. The error answer tells of
      // a failure already.
      const before = this.#failure ? this.#committing?.catch(() => undefined) : this.#committing
      if (before) await before
      const committing = this.#state?.revision === this.#refused ? undefined : this.#commit(moment)
      if (committing) await committing
      this.#canSetCookie = false
      if (this.#committing) await this.#committing
    } catch (error) {
      // The next one that the program has begun tries again what this one left.
      if (this.#committing) return this.#save(moment, done)
      this.#canSetCookie = false
      // What could not be saved fails the answer, and is then over: the error answer begins anew.
      if (this.#state) dropWishes(this.#core, this.#state)
      this.#failure = { error, revision: this.#state?.revision }
      throw error
    }
    this.#sendCookie()
    done()
  }

  #sendCookie(): void {
    const cookie = this.#state?.cookie
    if (!cookie) return
    if (cookie.value !== '') this.settings.transport.send(this.#exchange, cookie.value, cookie.maxAge)
    else if (!this.settings.transport.forget(this.#exchange)) return
    keepFromSharedCaches(this.#exchange)
  }

  commitAtEnd(): void {
    if (this.#committingAtEnd) return
    this.#committingAtEnd = true
    this.#exchange.beforeEnd(async () => {
      this.#committingAtEnd = false
      if (this.#state?.revision === this.#refused) return
      await this.#commit({ failing: this.#failing, cookiePossible: false })?.catch((error: KeepsakeError) => {
        this.#core.settings.report({ type: 'late-commit-failed', id: this.#state?.opened?.id ?? null, error })
        throw error
      })
    })
  }
}
