import { pbkdf2 as nodePbkdf2, randomBytes } from 'node:crypto'
import type { PasswordHasher, StoredHash } from '../password-hash.ts'
import { fromBase64, unpadded } from './base64.ts'
import { checkParameters, isHashLength, isSaltLength, isWithin, parameter, type WeakOption } from './bounds.ts'
import { djangoSalt, isDjangoSalt } from './django-salt.ts'

type Digest = 'sha1' | 'sha256' | 'sha512'

/** Of each digest: bytes of a hash, and the iterations that OWASP asks for. */
const digests = {
  sha1: { length: 20, least: 1_300_000 },
  sha256: { length: 32, least: 600_000 },
  sha512: { length: 64, least: 210_000 },
} as const

/** Parameters of PBKDF2. The defaults are OWASP's. */
export interface Pbkdf2Options extends WeakOption {
  /** @default 'sha256' */
  readonly digest?: 'sha256' | 'sha512'
  /** @default 600000 with sha256, 210000 with sha512 */
  readonly iterations?: number
}

/**
 * PBKDF2 as a PHC string: `$pbkdf2-sha256$i=600000$salt$hash`, for where FIPS 140 rules argon2 out. Throws `OPTION_INVALID`
 * for parameters below OWASP's minimum.
 */
export function pbkdf2(options: Pbkdf2Options = {}): PasswordHasher {
  const { digest = 'sha256' } = options
  const { iterations = digests[digest]?.least } = options
  checkPbkdf2({ digest, iterations }, options, digests[digest]?.least)
  const scheme = phcScheme(digest, iterations)
  return {
    scheme,
    encode: async (password, salt = randomBytes(16)) =>
      `${scheme}$${unpadded(salt)}$${unpadded(await derive(password, salt, digests[digest].length, digest, iterations))}`,
  }
}

export interface DjangoPbkdf2Options extends WeakOption {
  /** @default 'sha256', Django's own default */
  readonly digest?: 'sha1' | 'sha256'
  /** Must be what your Django has, or each makes the other's hashes anew at every login. @default 1000000, as Django 5.2 */
  readonly iterations?: number
}

/** PBKDF2 as Django's PBKDF2PasswordHasher (sha256) and PBKDF2SHA1PasswordHasher write it. */
export function djangoPbkdf2(options: DjangoPbkdf2Options = {}): PasswordHasher {
  const { digest = 'sha256', iterations = 1_000_000 } = options
  // Django's own default for sha1 is below OWASP's minimum.
  checkPbkdf2({ digest, iterations }, options, Math.min(digests[digest]?.least, 1_000_000))
  const scheme = djangoScheme(digest, iterations)
  return {
    scheme,
    encode: async (password, salt = djangoSalt()) => {
      const hash = await derive(password, salt, digests[digest].length, digest, iterations)
      return `${scheme}$${salt}$${hash.toString('base64')}`
    },
  }
}

const phcSpelling = /^\$pbkdf2-(sha1|sha256|sha512)\$i=(\d+)(?:,l=\d+)?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const djangoSpelling = /^pbkdf2_(sha1|sha256)\$(\d+)\$([^$]+)\$([A-Za-z0-9+/]+={0,2})$/

export function readPbkdf2(encoded: string): StoredHash | null {
  const [, digest, iterations, salt = '', hash = ''] = phcSpelling.exec(encoded) ?? []
  return stored(digest, iterations, fromBase64(salt), hash, phcScheme, bytes => bytes.length >= 16)
}

export function readDjangoPbkdf2(encoded: string): StoredHash | null {
  const [, digest, iterations, salt = '', hash = ''] = djangoSpelling.exec(encoded) ?? []
  return stored(digest, iterations, Buffer.from(salt), hash, djangoScheme, isDjangoSalt)
}

function stored(
  digest: string | undefined,
  iterationsText: string | undefined,
  salt: Buffer,
  hash: string,
  schemeOf: (digest: Digest, iterations: number) => string,
  isStrongSalt: (salt: Buffer) => boolean,
): StoredHash | null {
  const [iterations, expected] = [parameter(iterationsText), fromBase64(hash)]
  if (digest !== 'sha1' && digest !== 'sha256' && digest !== 'sha512') return null
  if (!isBounded(iterations) || !isSaltLength(salt) || !isHashLength(expected)) return null
  return {
    scheme: schemeOf(digest, iterations),
    weakSalt: !isStrongSalt(salt),
    expected,
    derive: password => derive(password, salt, expected.length, digest, iterations),
  }
}

/** Sixteen times OWASP's minimum: 1.5 seconds of one core. */
const isBounded = (iterations: number): boolean => isWithin(iterations, 1, 10_000_000)

function checkPbkdf2(parameters: { digest: string; iterations: number }, options: WeakOption, least: number): void {
  checkParameters('pbkdf2', parameters, options, {
    possible: Object.hasOwn(digests, parameters.digest) && isBounded(parameters.iterations),
    strong: parameters.iterations >= least,
    minimum: `OWASP's minimum of ${least} iterations`,
  })
}

const phcScheme = (digest: Digest, iterations: number): string => `$pbkdf2-${digest}$i=${iterations}`

const djangoScheme = (digest: Digest, iterations: number): string => `pbkdf2_${digest}$${iterations}`

function derive(password: string, salt: Buffer, length: number, digest: Digest, iterations: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    nodePbkdf2(password, salt, iterations, length, digest, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}
