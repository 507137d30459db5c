import { KeepsakeError } from '../errors.ts'
import { checkText } from '../values/check-text.ts'
import { type Duration, durationMs } from '../values/duration.ts'
import type { DeepReadonly } from '../values/json-value.ts'
import { keptCopy } from '../values/kept-copy.ts'
import type { SessionFacts } from './codec.ts'
import { type ExpiryChoice, expiresAt } from './expiry.ts'
import type { Change } from './journal.ts'
import type { SessionSettings } from './options.ts'
import { deletedCookie, freshContents, noWishes, type SessionState } from './state.ts'

/** What a session needs of the request that it belongs to. */
export interface SessionHost {
  readonly state: SessionState
  readonly settings: SessionSettings
  readonly headersSent: boolean
  /** Every change needs a new cookie, since the record is in it. */
  readonly recordInCookie: boolean
  commit(): Promise<void>
  /** Commits when the response ends, for changes made after its headers left. */
  commitAtEnd(): void
}

/** How `rotate` may change whose session it is. */
export interface RotateOptions {
  /** Whose session it is from now on; null: nobody's. A session changes hands only under a new token (CVE-2022-25896). */
  readonly userId?: string | null
  /** What is known of how they came to have it, in place of what was known before. Without it, a change of hands forgets that. */
  readonly facts?: SessionFacts
}

type Key<Data> = keyof Data & string

/**
 * One visitor's session, in one request: typed data, and verbs. Nothing here waits: the session was loaded by
 * `sessions.of`, and is saved before the response headers leave, if something changed.
 *
 * Every verb that changes something throws `SESSION_ENDED` once the session is known to have ended elsewhere, and
 * `HEADERS_SENT` if the change needs a cookie that can no longer be sent.
 */
export class Session<Data extends object> {
  readonly #host: SessionHost

  constructor(host: SessionHost) {
    this.#host = host
  }

  /** The session's public handle, safe to log and to show; null while nothing is stored. */
  get id(): string | null {
    return this.#state.opened?.id ?? null
  }

  /** Whether the request came with a token whose session is not there, or not any more. */
  get isLost(): boolean {
    return this.#state.isLost
  }

  /** The user to whom the session belongs, as `rotate` bound it; null if nobody. */
  get userId(): string | null {
    return this.#state.contents.meta.user ?? null
  }

  /** What `rotate` noted of how the user came to have it. */
  get facts(): SessionFacts {
    return this.#state.contents.meta.facts ?? {}
  }

  /** When the session began: with its first record, or when it was last given to a user. */
  get createdAt(): Date {
    return new Date(this.#state.contents.meta.created)
  }

  /** When the session ends if nothing renews it. */
  get expiresAt(): Date {
    return new Date(expiresAt(this.#state.contents.meta, this.#host.settings.expiry))
  }

  /** The value under a key. It is deeply readonly: a change made inside it would not be saved, so it does not compile. */
  get<K extends Key<Data>>(key: K): DeepReadonly<Data[K]> | undefined
  get<K extends Key<Data>>(key: K, fallback: DeepReadonly<Data[K]>): DeepReadonly<Data[K]>
  get(key: string, fallback?: unknown): unknown {
    return this.has(key as Key<Data>) ? this.#data[key] : fallback
  }

  has(key: Key<Data>): boolean {
    return Object.hasOwn(this.#data, key)
  }

  keys(): Key<Data>[] {
    return Object.keys(this.#data) as Key<Data>[]
  }

  /** A copy of the data. */
  toObject(): DeepReadonly<Partial<Data>> {
    return { ...this.#data } as DeepReadonly<Partial<Data>>
  }

  /** What `JSON.stringify` shows: the data, never the token. */
  toJSON(): DeepReadonly<Partial<Data>> {
    return this.toObject()
  }

  /** Keeps a copy of the value. Throws `VALUE_INVALID`, with the path, for what the codec cannot keep as it is. */
  set<K extends Key<Data>>(key: K, value: Data[K] | DeepReadonly<Data[K]>): void {
    this.assign({ [key]: value } as unknown as Partial<Data>)
  }

  /** Sets several keys at once, or none if one of the values is refused. */
  assign(values: Partial<Data>): void {
    if (Object.getOwnPropertySymbols(values).length > 0) throw new KeepsakeError('VALUE_INVALID', 'a key is a symbol')
    const { codec } = this.#host.settings
    const kept = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, keptCopy(key, value, codec)]))
    this.#change(({ data }) => Object.assign(data, kept))
  }

  /**
   * Computes a value from the one before, and returns it. When another request changed the session meanwhile, `compute`
   * runs again on the newer value, so that none of both is lost: it must be pure, and what it throws then fails the commit.
   *
   * @example
   * const visits = session.update('visits', (n = 0) => n + 1)
   */
  update<K extends Key<Data>>(
    key: K,
    compute: (value: DeepReadonly<Data[K]> | undefined) => Data[K] | DeepReadonly<Data[K]>,
  ): DeepReadonly<Data[K]> {
    this.#change(({ data }) => {
      const value = Object.hasOwn(data, key) ? data[key] : undefined
      data[key] = keptCopy(key, compute(value as DeepReadonly<Data[K]> | undefined), this.#host.settings.codec)
    })
    return this.#data[key] as DeepReadonly<Data[K]>
  }

  /** Removes a key and tells whether it was there. */
  delete(key: Key<Data>): boolean {
    const present = this.has(key)
    if (present) this.#change(({ data }) => delete data[key])
    return present
  }

  /** Reads a value and removes it: for what is to be seen once. */
  take<K extends Key<Data>>(key: K): Data[K] | undefined {
    const value = this.get(key)
    this.delete(key)
    return value as Data[K] | undefined
  }

  /**
   * Adds a message to a list that is shown once, on the next page: `session.take('messages') ?? []`. The last 20 are kept.
   *
   * @example
   * session.flash('messages', { level: 'success', text: 'Saved.' })
   */
  flash<K extends Key<Data>>(
    key: K,
    message: NonNullable<Data[K]> extends readonly (infer Item)[] ? Item : never,
  ): void {
    this.update(key, list => [...((list ?? []) as unknown[]).slice(-19), message] as Data[K])
  }

  /** Removes all data. The session lives on, under the same id and with the same user. */
  clear(): void {
    this.#change(contents => {
      contents.data = {}
    })
  }

  /**
   * When this session ends: after another idle timeout, at a date, with the browser, or as the program's options say.
   * The absolute timeout holds all the same.
   */
  setExpiry(when: Duration | Date | 'browser' | 'default'): void {
    this.#needCookie()
    const expiry = expiryChoice(when)
    const now = this.#host.settings.now()
    this.#change(contents => {
      // It counts from now: an idle timeout shorter than the time since the last renewal would else be over at once.
      contents.meta = { ...contents.meta, expiry, seen: Math.max(contents.meta.seen, now) }
    })
    this.#state.wishes.expiryChosen = true
  }

  /**
   * Gives the session a new token and keeps its data; the old token leads nowhere once that is saved. Call it whenever rights
   * change. To give it to a user is to begin it anew, as far as its absolute timeout goes (NIST SP 800-63B-4 section 5.2).
   */
  rotate(options: RotateOptions = {}): void {
    this.#needCookie()
    this.#needLive()
    if (options.userId !== undefined || options.facts) this.#bind(options)
    this.#state.wishes.rotating = true
    this.#state.revision++
  }

  /** Ends the session: its record and its cookie go, also if the request fails later. What is set after this begins another, unless the session had ended elsewhere. */
  destroy(): void {
    const { state, settings, headersSent, recordInCookie } = this.#host
    if (recordInCookie) this.#needCookie()
    if (state.opened) state.destroyed.push(state.opened)
    // The cookie of a record goes when the record is gone, so that a store that fails loses neither. The cookie of a session
    // that ended elsewhere is left alone: it may be another one's by now.
    const cookie = state.destroyed.length > 0 || state.ended ? null : deletedCookie
    const contents = freshContents(settings.now())
    Object.assign(state, { opened: null, contents, wishes: noWishes(), cookie, cookieComing: false })
    state.lives++
    state.revision++
    if (headersSent) this.#host.commitAtEnd()
  }

  /**
   * Saves now what would be saved before the headers leave: to know that it is done, or to do it though the answer will
   * have status 5xx. What it cannot save is not tried again by itself, unless more is changed. The answer waits for it also if
   * the program does not, and fails with it. Rejects with `SESSION_ENDED`, `SESSION_CONFLICT`, `STORE_FAILED` or `STORE_TIMEOUT`.
   */
  commit(): Promise<void> {
    return this.#host.commit()
  }

  get #state(): SessionState {
    return this.#host.state
  }

  get #data(): Record<string, unknown> {
    return this.#host.state.contents.data
  }

  #bind({ userId, facts }: RotateOptions): void {
    if (userId != null) checkText('userId', userId, 255)
    const kept = facts && { ...facts }
    const now = this.#host.settings.now()
    this.#change(contents => {
      const meta = { ...contents.meta, facts: userId === undefined ? (kept ?? contents.meta.facts) : kept }
      if (userId !== undefined) meta.user = userId ?? undefined
      contents.meta = userId ? { ...meta, created: now, seen: now } : meta
    })
  }

  #change(change: Change): void {
    this.#needLive()
    const { state, headersSent, recordInCookie } = this.#host
    const { opened, cookieComing } = state
    // While the headers are held back for a new session to be saved, its cookie is still to come.
    const needsNone = !recordInCookie && (opened || cookieComing)
    if (!needsNone) this.#needCookie()
    change(state.contents)
    state.wishes.journal.push(change)
    state.revision++
    if (headersSent) this.#host.commitAtEnd()
  }

  #needLive(): void {
    if (this.#state.ended) throw new KeepsakeError('SESSION_ENDED')
  }

  #needCookie(): void {
    if (this.#host.headersSent) throw new KeepsakeError('HEADERS_SENT')
  }
}

function expiryChoice(when: Duration | Date | 'browser' | 'default'): ExpiryChoice | undefined {
  if (when === 'default') return undefined
  if (when === 'browser') return { type: 'browser' }
  if (!(when instanceof Date)) return { type: 'idle', ms: durationMs(when, 'the argument of setExpiry') }
  if (Number.isNaN(when.getTime())) throw new KeepsakeError('DURATION_INVALID', 'setExpiry was given an invalid Date')
  return { type: 'at', ms: when.getTime() }
}
