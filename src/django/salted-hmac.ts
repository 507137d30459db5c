import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { KeepsakeError } from '../errors.ts'

/** A key of Django's: `SECRET_KEY` may be text or bytes. */
export type Secret = string | Uint8Array

/** The secrets of a Django site. */
export interface DjangoSecrets {
  /** `SECRET_KEY`: signs and verifies. */
  readonly secretKey: Secret
  /** `SECRET_KEY_FALLBACKS`: only verify. @default [] */
  readonly fallbacks?: readonly Secret[] | undefined
}

/** An algorithm of Python's `hashlib` that is also Node's. Django's default is sha256, before 3.1 sha1. */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** Matches `django.utils.crypto.salted_hmac(salt, value, secret, algorithm=algorithm).digest()`. */
export function saltedHmac(salt: Secret, value: Secret, secret: Secret, algorithm: HashAlgorithm = 'sha256'): Buffer {
  for (const part of [salt, value, secret]) refuseLoneSurrogates(part)
  const key = createHash(algorithm).update(salt).update(secret).digest()
  return createHmac(algorithm, key).update(value).digest()
}

/** Matches `django.utils.crypto.constant_time_compare`: the time does not tell where two texts differ. */
export function constantTimeEqual(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** All keys to verify with, the signing one first. Throws `OPTION_INVALID` for an empty one, with which anyone could sign. */
export function verifyingKeys({ secretKey, fallbacks = [] }: DjangoSecrets): readonly Secret[] {
  const keys = [secretKey, ...fallbacks]
  if (keys.some(key => !key?.length)) throw new KeepsakeError('OPTION_INVALID', 'secretKey or a fallback is empty')
  return keys
}

/** Matches `force_bytes`: text that UTF-8 cannot hold is an error in Python too, and would else be signed as another text. */
function refuseLoneSurrogates(value: Secret): void {
  if (typeof value !== 'string' || value.isWellFormed()) return
  throw new KeepsakeError('VALUE_INVALID', 'the text to be signed holds a lone surrogate')
}
