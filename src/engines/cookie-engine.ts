import { randomBytes } from 'node:crypto'
import { KeepsakeError } from '../errors.ts'
import type { ExpirySweep, SessionStore } from '../stores/store.ts'
import { longestValue } from '../transport/chunks.ts'
import { checkFunctions, invalidOption, refuseUnknown } from '../values/check-options.ts'
import type { Awaitable } from '../waiting/awaitable.ts'
import type { Engine, EngineSettings, NotOpened, Opened, Revocation, Step } from './engine.ts'
import { LatelyOpened, type OpenedCookie } from './lately-opened.ts'
import { type Issue, type Revocations, revocationsIn, type SweptRevocation } from './revocations.ts'

/** Options of the engines that keep the whole session in the cookie. */
export interface CookieEngineOptions {
  /** Texts of 32 bytes or more: the first one makes new values, all are tried on those that come in. */
  readonly secrets: string | readonly string[]
  /**
   * The longest session, as it stands in its cookies, in bytes: 500 to 15,197. Browsers and servers bear about 8 KB in all,
   * some proxies less. A session that is longer already may be renewed and may shrink. @default 7600
   */
  readonly maxBytes?: number
}

/** Where a store notes which sessions have ended, so that logging out holds for copies of the cookie too. */
export interface RevocationOptions {
  /** A store that forgets nothing before its time, also at a restart: a note that is lost is a session that is logged in again. */
  readonly revocations: SessionStore
}

/** The same where that store does not forget by itself: the sessions then have `clearExpired`. */
export interface SweptRevocationOptions {
  readonly revocations: SessionStore & ExpirySweep
}

/** Makes a text into a cookie value that only this program could have made, and back; null for any other value. */
export interface Envelope {
  wrap(text: string): string
  unwrap(value: string): string | null
}

type Limits = Pick<CookieEngineOptions, 'maxBytes'> & Partial<RevocationOptions>

/** Less than this holds no session worth the name. */
const leastBytes = 500

/**
 * The engine of sessions that rest in their cookie. What is wrapped is `<id> <end> <issued> <user> <payload>`, the times in
 * ms since 1970: the end is authenticated, so whoever keeps a cookie for longer gains nothing.
 */
export function cookieEngine(
  envelope: Envelope,
  options: Limits,
  settings: EngineSettings,
): Engine & Partial<SweptRevocation | Revocation> {
  checkLimits(options)
  const { maxBytes = 7600, revocations: store } = options
  const revocations = store && revocationsIn(store, settings)

  const lately = new LatelyOpened()

  function unwrapped(cookieValue: string): OpenedCookie | null {
    const text = envelope.unwrap(cookieValue)
    const opened = text === null ? null : openedFrom(text, onItsOwn(cookieValue))
    if (opened) lately.set(opened)
    return opened
  }

  function open(cookieValue: string): Awaitable<Opened | NotOpened> {
    const opened = lately.get(cookieValue) ?? unwrapped(cookieValue)
    if (!opened) return 'malformed'
    return revocations ? unlessRevoked(revocations, opened) : opened
  }

  /** The session as it stands in its new cookie, which the browser will bring back soon. */
  function wrapped(step: Step, issuedAt: number): OpenedCookie {
    const { payload, expiresAt } = step.record
    const { id, version } = headOf(step, issuedAt)
    const cookieValue = envelope.wrap(`${version} ${payload}`)
    // What was let in before the limit became smaller is renewed, or its readers would all get an error.
    const most = Math.max(maxBytes, step.type === 'create' ? 0 : step.was.cookieValue.length)
    if (cookieValue.length > most) throw tooLarge(cookieValue.length, maxBytes, payload)
    const opened = { id, cookieValue, payload, expiresAt, version }
    lately.set(opened)
    return opened
  }

  async function commitUnlessRevoked(known: Revocations, step: Step): Promise<Opened | null> {
    // Both are taken before it is asked who was revoked: a session that is issued meanwhile is then older than its revocation.
    const now = Math.floor(settings.now())
    const from = step.type === 'replace' ? 0 : await known.notBefore(step.record.index.userId ?? '')
    if (step.type !== 'create' && (await known.includes(issueOf(step.was.version ?? '')))) return null
    const opened = wrapped(step, Math.max(now, from))
    // The old value leads nowhere before the new one is sent. Who ended the session meanwhile has ended it.
    const ended = step.type === 'rotate' && !(await known.addRotated(step.was.id, step.was.expiresAt, opened.id))
    return ended ? null : opened
  }

  return {
    recordInCookie: true,
    open,

    async reopen({ cookieValue }): Promise<Opened | null> {
      const opened = await open(cookieValue)
      return typeof opened === 'string' ? null : opened
    },

    commit: step => (revocations ? commitUnlessRevoked(revocations, step) : wrapped(step, Math.floor(settings.now()))),

    async destroy({ id, expiresAt }): Promise<void> {
      await revocations?.add(id, expiresAt)
    },

    ...(revocations && { revocations: store, ...revocationBy(revocations) }),
  }
}

async function unlessRevoked(revocations: Revocations, opened: OpenedCookie): Promise<Opened | NotOpened> {
  return (await revocations.includes(issueOf(opened.version))) ? 'unknown' : opened
}

/** What is no id of ours, as it may come from a form, ends nothing and spares nobody. */
function revocationBy({ add, addAll }: Revocations): Revocation {
  return {
    revoke: async id => (isId(id) ? add(id) : undefined),
    revokeAll: (userId, except = '') => addAll(userId, isId(except) ? except : ''),
  }
}

function checkLimits(options: Limits): void {
  refuseUnknown(options, ['secrets', 'maxBytes', 'revocations'], '')
  const { maxBytes = leastBytes, revocations } = options
  if (!Number.isInteger(maxBytes) || maxBytes < leastBytes || maxBytes > longestValue) {
    throw invalidOption('maxBytes', `is ${maxBytes}, not a whole number from ${leastBytes} to ${longestValue}`)
  }
  if (revocations !== undefined) checkFunctions('revocations', revocations, ['read', 'create', 'replace'])
}

function isId(text: string): boolean {
  return /^[\w-]{22}$/.test(text)
}

/** What is wrapped before the payload: `version`, and the id that it begins with. A session that is replaced keeps its issue. */
function headOf(step: Step, issuedAt: number): Pick<OpenedCookie, 'id' | 'version'> {
  const { index, expiresAt } = step.record
  const was = step.type === 'replace' ? step.was : null
  const id = was?.id ?? randomBytes(16).toString('base64url')
  const issued = was?.version?.split(' ', 3)[2] ?? issuedAt
  // A blank or a lone surrogate would not come back as it is.
  const user = encodeURIComponent((index.userId ?? '').toWellFormed())
  return { id, version: `${id} ${expiresAt.getTime()} ${issued} ${user}` }
}

function issueOf(head: string): Issue {
  const [id = '', , issuedAt, user = ''] = head.split(' ')
  return { id, issuedAt: Number(issuedAt), userId: decodeURIComponent(user) }
}

/** The same text, copied: a part of the `Cookie` header would keep all of that in memory. What is authentic is ASCII. */
function onItsOwn(value: string): string {
  return Buffer.from(value, 'latin1').toString('latin1')
}

/** Null for what an earlier program with the same secrets may have wrapped. */
function openedFrom(text: string, cookieValue: string): OpenedCookie | null {
  const [version, id, end] = /^([\w-]{22}) (\d{1,16}) \d{1,16} [^ ]*(?= )/.exec(text) ?? []
  if (version === undefined || id === undefined) return null
  return { id, cookieValue, payload: text.slice(version.length + 1), expiresAt: new Date(Number(end)), version }
}

/** Says which keys to look at: whoever reads this does not know what the session holds by now. */
function tooLarge(bytes: number, maxBytes: number, payload: string): KeepsakeError {
  const { d, m } = JSON.parse(payload)
  // Another codec than JSON writes all of the data as one text.
  const parts = Object.entries({ ...(typeof d === 'string' ? { 'all data': d } : d), 'the facts of rotate': m.facts })
  const weights = parts
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, bytes: Buffer.byteLength(JSON.stringify(value)) }))
    .sort((a, b) => b.bytes - a.bytes)
  const heaviest = weights.slice(0, 3).map(({ key, bytes: weight }) => `${key} (${weight} bytes)`)
  const keys = heaviest.length > 0 ? `; its heaviest keys are ${heaviest.join(', ')}` : ''
  return new KeepsakeError('SESSION_TOO_LARGE', `its cookies have ${bytes} bytes, maxBytes is ${maxBytes}${keys}`)
}
