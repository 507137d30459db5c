import { KeepsakeError } from '../errors.ts'
import { fromBase62, toBase62 } from './base62.ts'
import {
  constantTimeEqual,
  type DjangoSecrets,
  type HashAlgorithm,
  type Secret,
  saltedHmac,
  verifyingKeys,
} from './salted-hmac.ts'

/** What became of a signed text: its value, or why it is not to be believed. `corrupt`: signed, but not what was expected. */
export type Verified<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: 'bad-signature' | 'expired' | 'corrupt' }

/** How a signer signs. The defaults are Django's. */
export interface SignerOptions extends DjangoSecrets {
  /** Keeps what is signed for one purpose from being used for another. */
  readonly salt?: string | undefined
  /** Stands between value and signature. @default ':' */
  readonly separator?: string
  /** @default 'sha256' */
  readonly algorithm?: HashAlgorithm
}

/** When a timestamped text is signed or read. */
export interface SigningTime {
  /** The time in ms since 1970. @default Date.now() */
  readonly now?: number | undefined
}

/** How old a timestamped text may be. */
export interface AgeLimit extends SigningTime {
  /** In seconds; a text of exactly this age is still good. @default no limit */
  readonly maxAge?: number | undefined
}

/**
 * Signs text, and reads what it or Django signed. Matches `django.core.signing.Signer`, fallback keys included.
 *
 * @example
 * const signer = new Signer({ secretKey })
 * signer.sign('hello')          // 'hello:fkGvT2Vw…'
 * signer.unsign('hello:fkGv…')  // { ok: true, value: 'hello' }, or { ok: false, why: 'bad-signature' }
 */
export class Signer {
  readonly #keys: readonly Secret[]
  readonly #salt: string
  readonly #separator: string
  readonly #algorithm: HashAlgorithm

  constructor({ salt, separator = ':', algorithm = 'sha256', ...secrets }: SignerOptions) {
    // Django's own pattern: from A to z there are also [ \ ] ^ _ and the grave accent, and Python's $ stands before a last line break.
    if (/^[A-z0-9-_=]*\n?$/.test(separator)) {
      throw new KeepsakeError(
        'OPTION_INVALID',
        `separator is ${JSON.stringify(separator)}, which a signature may hold too`,
      )
    }
    this.#keys = verifyingKeys(secrets)
    this.#salt = `${salt || 'django.core.signing.Signer'}signer`
    this.#separator = separator
    this.#algorithm = algorithm
  }

  sign(value: string): string {
    return `${value}${this.#separator}${this.#signature(value, this.#keys[0] ?? '')}`
  }

  /** Never throws, whatever the text. */
  unsign(signed: string): Verified<string> {
    const parts = signed.isWellFormed() && splitLast(signed, this.#separator)
    if (!parts) return { ok: false, why: 'bad-signature' }
    const [value, signature] = parts
    const good = this.#keys.some(key => constantTimeEqual(signature, this.#signature(value, key)))
    return good ? { ok: true, value } : { ok: false, why: 'bad-signature' }
  }

  #signature(value: string, key: Secret): string {
    return saltedHmac(this.#salt, value, key, this.#algorithm).toString('base64url')
  }
}

/**
 * Signs text together with the time, in whole seconds. Matches `django.core.signing.TimestampSigner`: a text of exactly
 * `maxAge` is still good, and so is one from the future.
 */
export class TimestampSigner {
  readonly #signer: Signer
  readonly #separator: string

  constructor(options: SignerOptions) {
    this.#signer = new Signer({ ...options, salt: options.salt || 'django.core.signing.TimestampSigner' })
    this.#separator = options.separator ?? ':'
  }

  sign(value: string, { now = Date.now() }: SigningTime = {}): string {
    return this.#signer.sign(`${value}${this.#separator}${toBase62(Math.trunc(now / 1000))}`)
  }

  /** Never throws, whatever the text. */
  unsign(signed: string, { maxAge, now = Date.now() }: AgeLimit = {}): Verified<string> {
    const stamped = this.#signer.unsign(signed)
    if (!stamped.ok) return stamped
    const [value, stamp] = splitLast(stamped.value, this.#separator) ?? []
    const signedAt = stamp === undefined ? undefined : fromBase62(stamp)
    if (value === undefined || signedAt === undefined) return { ok: false, why: 'corrupt' }
    if (maxAge !== undefined && now / 1000 - signedAt > maxAge) return { ok: false, why: 'expired' }
    return { ok: true, value }
  }
}

function splitLast(text: string, separator: string): [string, string] | undefined {
  const at = text.lastIndexOf(separator)
  return at === -1 ? undefined : [text.slice(0, at), text.slice(at + separator.length)]
}
