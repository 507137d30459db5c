import { randomBytes } from 'node:crypto'
import { KeepsakeError } from '../errors.ts'
import type { SessionStore } from '../stores/store.ts'
import type { Engine, EngineSettings, NotOpened, Opened, Revocation, Step } from './engine.ts'
import { type Issue, revocationsIn } from './revocations.ts'

/** Options of the engines that keep the whole session in the cookie. */
export interface CookieEngineOptions {
  /** Texts of 32 bytes or more: the first one makes new values, all are tried on those that come in. */
  readonly secrets: string | readonly string[]
  /** The longest session, as it stands in its cookies, in bytes. Browsers and servers bear about 8 KB in all. @default 7600 */
  readonly maxBytes?: number
}

/** Where a store notes which sessions have ended, so that logging out holds for copies of the cookie too. */
export interface RevocationOptions {
  readonly revocations: SessionStore
}

/** Makes a text into a cookie value that only this program could have made, and back; null for any other value. */
export interface Envelope {
  wrap(text: string): string
  unwrap(value: string): string | null
}

/**
 * The engine of sessions that rest in their cookie. What is wrapped is `<id> <end> <issued> <user> <payload>`, the times in
 * ms since 1970: the end is authenticated, so whoever keeps a cookie for longer gains nothing.
 */
export function cookieEngine(
  envelope: Envelope,
  { maxBytes = 7600, revocations: store }: Pick<CookieEngineOptions, 'maxBytes'> & Partial<RevocationOptions>,
  { now, absoluteMs }: EngineSettings,
): Engine & Partial<Revocation> {
  const revocations = store && revocationsIn(store, () => now() + absoluteMs)

  const isRevoked = async (head: string): Promise<boolean> =>
    revocations !== undefined && (await revocations.includes(issueOf(head)))

  async function open(cookieValue: string): Promise<Opened | NotOpened> {
    const text = envelope.unwrap(cookieValue)
    const opened = text === null ? null : openedFrom(text, cookieValue)
    if (!opened) return 'malformed'
    return (await isRevoked(opened.version)) ? 'unknown' : opened
  }

  return {
    recordInCookie: true,
    open,

    async reopen({ cookieValue }): Promise<Opened | null> {
      const opened = await open(cookieValue)
      return typeof opened === 'string' ? null : opened
    },

    async commit(step): Promise<Opened | null> {
      // Taken before it is asked who was revoked: a session that is renewed meanwhile is then older than its revocation.
      const head = headOf(step, now())
      if (step.type !== 'create' && (await isRevoked(step.was.version ?? ''))) return null
      const { payload, expiresAt } = step.record
      const cookieValue = envelope.wrap(`${head} ${payload}`)
      if (cookieValue.length > maxBytes) throw tooLarge(cookieValue.length, maxBytes, payload)
      // The old value leads nowhere before the new one is sent. Who ended the session meanwhile has ended it.
      if (step.type === 'rotate' && revocations && !(await revocations.add(step.was.id))) return null
      return { id: issueOf(head).id, cookieValue, payload, expiresAt, version: head }
    },

    async destroy({ id }): Promise<void> {
      await revocations?.add(id)
    },

    ...(revocations && {
      revoke: async id => void (await revocations.add(id)),
      revokeAll: (userId, except) => revocations.addAll(userId, now(), except),
    }),
  }
}

function headOf({ type, record, ...step }: Step, now: number): string {
  const was = type === 'replace' && 'was' in step ? issueOf(step.was.version ?? '') : null
  const { userId = '' } = record.index
  const id = was?.id ?? randomBytes(16).toString('base64url')
  // A blank or a lone surrogate would not come back as it is.
  const user = encodeURIComponent(userId.toWellFormed())
  return `${id} ${record.expiresAt.getTime()} ${was?.issuedAt ?? now} ${user}`
}

function issueOf(head: string): Issue {
  const [id = '', , issuedAt, user = ''] = head.split(' ')
  return { id, issuedAt: Number(issuedAt), userId: decodeURIComponent(user) }
}

/** Null for what an earlier program with the same secrets may have wrapped. */
function openedFrom(text: string, cookieValue: string): (Opened & { version: string }) | null {
  const [version, id, end] = /^([\w-]{22}) (\d{1,16}) \d{1,16} [^ ]*(?= )/.exec(text) ?? []
  if (version === undefined || id === undefined) return null
  return { id, cookieValue, payload: text.slice(version.length + 1), expiresAt: new Date(Number(end)), version }
}

/** Says which keys to look at: whoever reads this does not know what the session holds by now. */
function tooLarge(bytes: number, maxBytes: number, payload: string): KeepsakeError {
  const data: unknown = JSON.parse(payload).d
  const weights = Object.entries(typeof data === 'object' && data ? data : {})
    .map(([key, value]) => ({ key, bytes: Buffer.byteLength(JSON.stringify(value)) }))
    .sort((a, b) => b.bytes - a.bytes)
  const heaviest = weights.slice(0, 3).map(({ key, bytes: weight }) => `${key} (${weight} bytes)`)
  const keys = heaviest.length > 0 ? `; its heaviest keys are ${heaviest.join(', ')}` : ''
  return new KeepsakeError('SESSION_TOO_LARGE', `its cookies have ${bytes} bytes, maxBytes is ${maxBytes}${keys}`)
}
