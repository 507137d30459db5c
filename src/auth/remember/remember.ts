import { KeepsakeError } from '../../errors.ts'
import { isId } from '../../session/token.ts'
import type { SessionStore } from '../../stores/store.ts'
import { checkText } from '../../values/check-text.ts'
import type { Duration } from '../../values/duration.ts'
import { Deadline } from '../../waiting/deadline.ts'
import { endOf, type Family, fromPayload, type RememberedLogin, toRecord } from './family.ts'
import { type Judgement, judge } from './judge.ts'
import { type RememberSettings, resolveRememberOptions } from './options.ts'
import { createSelector, createVerifier, familyOf, hashOf, isGenuine, parseValue, toValue } from './remember-value.ts'

/** Options of `createRemember` beside the store. Every one has a safe default. */
export interface RememberOptions {
  /** Where families rest: any session store, the one of the sessions too. */
  readonly store: SessionStore
  /** How long a replaced cookie still works after the new one was used, for requests that were under way. @default '30s' */
  readonly grace?: Duration
  /** A cookie older than this is replaced when it is used; not shorter than the grace. @default '1m' */
  readonly rotateAfter?: Duration
  /** A browser is forgotten after this long without being restored. @default '30d' */
  readonly idleTimeout?: Duration
  /** A browser is forgotten after this long, whatever its use. @default '90d' */
  readonly absoluteTimeout?: Duration
  /** How long one call of the store may take before it fails with 503. @default '2s' */
  readonly storeDeadline?: Duration
  /** The time in ms since 1970. @default Date.now */
  readonly now?: () => number
}

/** A cookie to be sent. */
export interface RememberCookie {
  readonly value: string
  /** When it ends, in ms since 1970. */
  readonly expiresAt: number
}

/** What a cookie's value led to. */
export type Restored =
  | ({
      readonly outcome: 'restored'
      readonly family: string
      /** The cookie to be sent; null: leave the one that the browser has, or is about to get from another request. */
      readonly cookie: RememberCookie | null
    } & RememberedLogin)
  /** Two parties hold cookies of this family. It is dead; end the sessions that came from it. */
  | {
      readonly outcome: 'theft'
      readonly userId: string
      readonly family: string
      /** False if it had been noticed before: the alarm was raised then. */
      readonly first: boolean
    }
  /** Nobody: malformed, expired, ended or guessed. Nothing was written. Leave the cookie alone: the browser may hold another by now. */
  | { readonly outcome: 'unknown' }

/** A family that was there, and whose it was. */
export interface EndedFamily {
  readonly userId: string
  readonly family: string
}

/** Logs a returning browser in without asking: `createRemember`. */
export interface Remember {
  /** Begins to remember this browser. `family` is the public handle of the family. */
  begin(login: RememberedLogin): Promise<{ readonly family: string; readonly cookie: RememberCookie }>
  /** Who the browser with this cookie is. Garbage is `unknown`; rejects only if the store cannot tell (503). */
  restore(value: string): Promise<Restored>
  /** Whether this family still opens anything: it was neither ended nor stolen. Rejects only if the store cannot tell (503). */
  isAlive(family: string): Promise<boolean>
  /** Forgets the browser with this cookie, or this family. Null, and nothing ended, for one that is not known, or only its selector. */
  end(valueOrFamily: string): Promise<EndedFamily | null>
  /** How long requests may be under way, in ms: the option `grace`. */
  readonly graceMs: number
}

/**
 * "Remember me": families of verifiers in a session store, rotated by compare-and-replace. `docs/remember-me.md` tells what
 * the visitor and the thief observe; `judge.ts` has the rules.
 *
 * @example
 * const remember = createRemember({ store })
 * const { cookie } = await remember.begin({ userId: user.id, authenticatedAt: now, since: now, how: 'password', authHash })
 * const found = await remember.restore(cookie.value)
 */
export function createRemember(options: RememberOptions): Remember {
  return new StoredRemember(resolveRememberOptions(options))
}

/** Each failed try means that another request moved the family on, which happens a few times a minute at most. */
const mostTries = 20

class StoredRemember implements Remember {
  readonly #settings: RememberSettings
  readonly #deadline: Deadline

  constructor(settings: RememberSettings) {
    this.#settings = settings
    this.#deadline = new Deadline(settings.deadlineMs)
  }

  async begin(login: RememberedLogin): Promise<{ family: string; cookie: RememberCookie }> {
    const { userId, authenticatedAt, since, how, authHash } = login
    checkText('userId', userId)
    const { store, policy, now } = this.#settings
    const [selector, verifier, at] = [createSelector(), createVerifier(), now()]
    const times = { createdAt: at, seenAt: at, issuedAt: at }
    const verifiers = { current: [hashOf(verifier)], used: true, previous: null, stolen: false }
    const markKey = createVerifier()
    const family: Family = { userId, authenticatedAt, since, how, authHash, markKey, ...times, ...verifiers }
    const id = familyOf(selector)
    const done = await this.#deadline.within(() => store.create(id, toRecord(family, policy)))
    // A clash of two 128-bit random selectors: it is right to fail.
    if (!done) throw new KeepsakeError('STORE_FAILED', 'it has a family under a new random selector')
    return { family: id, cookie: this.#cookie(selector, verifier, family) }
  }

  async restore(value: string): Promise<Restored> {
    const parsed = parseValue(value)
    if (!parsed) return { outcome: 'unknown' }
    const id = familyOf(parsed.selector)
    const fresh = createVerifier()
    const hashes = { hash: hashOf(parsed.verifier), fresh: hashOf(fresh) }
    for (let tries = 0; tries < mostTries; tries++) {
      const found = await this.#read(id)
      if (!found) return { outcome: 'unknown' }
      const presented = { ...hashes, genuine: isGenuine(parsed, found.family.markKey), now: this.#settings.now() }
      const judgement = judge(found.family, presented, this.#settings.policy)
      if (judgement.outcome === 'unknown') return judgement
      if (!(await this.#write(id, found.version, judgement))) continue
      return this.#answer(id, found.family, judgement, next => this.#cookie(parsed.selector, fresh, next))
    }
    throw new KeepsakeError('SESSION_CONFLICT', `a remember cookie, after ${mostTries} tries`)
  }

  async isAlive(family: string): Promise<boolean> {
    const found = await this.#read(family)
    return found !== null && !found.family.stolen
  }

  get graceMs(): number {
    return this.#settings.policy.graceMs
  }

  async end(valueOrFamily: string): Promise<EndedFamily | null> {
    const value = parseValue(valueOrFamily)
    if (!value && !isId(valueOrFamily)) return null
    const id = value ? familyOf(value.selector) : valueOrFamily
    // Read first: an id may be a session's, and who knows the selector alone must not log the browser out.
    const found = await this.#read(id)
    if (!found || (value && !isGenuine(value, found.family.markKey))) return null
    await this.#deadline.within(() => this.#settings.store.delete(id))
    return { userId: found.family.userId, family: id }
  }

  async #read(id: string): Promise<{ family: Family; version: string } | null> {
    const record = await this.#deadline.within(() => this.#settings.store.read(id))
    const family = record && fromPayload(record.payload)
    return family && { family, version: record.version }
  }

  /** False if another request was faster. */
  async #write(id: string, version: string, { next }: Judgement & { next: Family | null }): Promise<boolean> {
    if (!next) return true
    const { store, policy } = this.#settings
    return this.#deadline.within(() => store.replace({ id, version }, id, toRecord(next, policy)))
  }

  #answer(
    id: string,
    { userId, authenticatedAt, since, how, authHash }: Family,
    judgement: Exclude<Judgement, { outcome: 'unknown' }>,
    cookieOf: (next: Family) => RememberCookie,
  ): Restored {
    const { outcome, next } = judgement
    if (outcome === 'theft') return { outcome, userId, family: id, first: next !== null }
    const cookie = next && judgement.issued ? cookieOf(next) : null
    return { outcome, family: id, userId, authenticatedAt, since, how, authHash, cookie }
  }

  #cookie(selector: string, verifier: string, family: Family): RememberCookie {
    return { value: toValue(selector, verifier, family.markKey), expiresAt: endOf(family, this.#settings.policy) }
  }
}
