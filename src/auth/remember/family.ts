import type { SessionRecord } from '../../stores/store.ts'

/** How the user logged in when the family began. A remembered visit has these facts, not newer ones. */
export interface RememberedLogin {
  readonly userId: string
  /** When the user last proved who they are, in ms since 1970. */
  readonly authenticatedAt: number
  /** Since when the login counts, in ms since 1970: it is void if the user's sessions were ended later than that. */
  readonly since: number
  /** By what proof: `password`, for example. */
  readonly how: string
  /** What a change of the password changes. It is kept and given back: whoever restores compares it. */
  readonly authHash: string
}

/**
 * The verifiers of one browser that is remembered, one generation after another. Only hashes of them are in here. Times are in
 * ms since 1970.
 */
export interface Family extends RememberedLogin {
  readonly createdAt: number
  /** The last use that was written down. */
  readonly seenAt: number
  /** When the newest verifier was issued. */
  readonly issuedAt: number
  /** The newest generation, newest first: several if the browser may not have got the one before; one once it is in use. */
  readonly current: readonly string[]
  /** Whether a verifier of the newest generation has been presented. */
  readonly used: boolean
  /** The generation before. */
  readonly previous: string | null
  /** Marks each verifier that is issued, so that a former one is known for what it is, and a guess for a guess. */
  readonly markKey: string
  /** Two parties held verifiers of this family. Nobody is restored from it; whoever comes with one is told. */
  readonly stolen: boolean
}

/** Lengths of time, in ms. */
export interface RememberPolicy {
  readonly graceMs: number
  readonly rotateAfterMs: number
  readonly idleMs: number
  readonly absoluteMs: number
}

/** When the family ends if it is not used before: use moves it, but never beyond the absolute end (test R9). */
export function endOf({ createdAt, seenAt }: Family, { idleMs, absoluteMs }: RememberPolicy): number {
  return Math.min(seenAt + idleMs, createdAt + absoluteMs)
}

/** The record of a family. With `userId` in its index, ending all sessions of a user in this store ends the families too. */
export function toRecord(family: Family, policy: RememberPolicy): SessionRecord {
  return {
    payload: JSON.stringify({ remember: version, family }),
    createdAt: new Date(family.createdAt),
    expiresAt: new Date(endOf(family, policy)),
    index: { userId: family.userId },
  }
}

/** The family in a record's payload; null if the record is a session's, or anything else. Never throws. */
export function fromPayload(payload: string): Family | null {
  try {
    const parsed: unknown = JSON.parse(payload)
    return isOurs(parsed) && isFamily(parsed.family) ? parsed.family : null
  } catch {
    return null
  }
}

/** Under a name that no session's payload has, so that neither is ever taken for the other. */
const version = 1

function isOurs(parsed: unknown): parsed is { family: unknown } {
  return isObject(parsed) && parsed.remember === version
}

function isFamily(value: unknown): value is Family {
  if (!isObject(value)) return false
  const { userId, how, authHash, markKey, authenticatedAt, since, createdAt, seenAt, issuedAt } = value
  const { current, previous, used, stolen } = value
  return (
    [userId, how, authHash, markKey].every(text => typeof text === 'string') &&
    [authenticatedAt, since, createdAt, seenAt, issuedAt].every(Number.isFinite) &&
    [used, stolen].every(flag => typeof flag === 'boolean') &&
    Array.isArray(current) &&
    current.every(hash => typeof hash === 'string') &&
    (previous === null || typeof previous === 'string')
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
