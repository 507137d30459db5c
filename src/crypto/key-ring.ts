import { createSecretKey, type KeyObject } from 'node:crypto'
import { KeepsakeError } from '../errors.ts'
import { deriveBytes } from './derive-key.ts'
import { labels } from './labels.ts'
import { checkSecret } from './secret-strength.ts'

declare const opaque: unique symbol

/** The program's secrets, newest first. It shows nothing of them: not to `inspect`, not as JSON, not in a list of its keys. */
export interface KeyRing {
  readonly [opaque]: never
}

/** One secret of a ring. */
export interface RingKey {
  /** 8 base64url characters that tell the secrets of a ring apart. Stands in every value, and says nothing about the secret. */
  readonly id: string
  readonly secret: KeyObject
  /** Whether this is the first secret: the one that signs and seals. */
  readonly current: boolean
}

/** At least one key; the first is the current one. */
type RingKeys = readonly [RingKey, ...RingKey[]]

/** Beside the rings, not in them: an object without properties has nothing to leak. */
const keysOfRings = new WeakMap<KeyRing, RingKeys>()

class Ring {}

/**
 * Makes a ring of one secret or several. The first signs and seals; all verify and open. To rotate, put a new secret first;
 * to retire an old one, take it out.
 *
 * @throws SECRET_MISSING without a secret; SECRET_WEAK for one that can be guessed; OPTION_INVALID for one given twice.
 * @example
 * const ring = keyRing([process.env.SESSION_SECRET ?? ''])
 */
export function keyRing(secrets: string | readonly string[]): KeyRing {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  const [first, ...others] = list.map(ringKey)
  if (!first) throw new KeepsakeError('SECRET_MISSING', 'the list of secrets is empty')
  const keys: RingKeys = [first, ...others]
  refuseTwins(keys)
  const ring = Object.freeze(new Ring()) as KeyRing
  keysOfRings.set(ring, keys)
  return ring
}

/** The keys of a ring, the current one first. */
export function keysOf(ring: KeyRing): RingKeys {
  const keys = keysOfRings.get(ring)
  if (!keys) throw new KeepsakeError('OPTION_INVALID', 'this is not a key ring: make one with keyRing(secrets)')
  return keys
}

function ringKey(secret: unknown, index: number): RingKey {
  checkSecret(secret, index + 1)
  const key = createSecretKey(secret, 'utf8')
  return { id: deriveBytes(key, labels.keyId, 6).toString('base64url'), secret: key, current: index === 0 }
}

/** A secret that stands twice is a slip: the second was to be another. Two secrets of one id could not be told apart either. */
function refuseTwins(keys: readonly RingKey[]): void {
  const ids = keys.map(({ id }) => id)
  const second = ids.findIndex((id, index) => ids.indexOf(id) !== index)
  if (second === -1) return
  const first = ids.indexOf(ids[second] ?? '')
  throw new KeepsakeError('OPTION_INVALID', `secrets ${first + 1} and ${second + 1} are the same`)
}
