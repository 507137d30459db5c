import { scrypt as nodeScrypt, randomBytes } from 'node:crypto'
import type { PasswordHasher, StoredHash } from '../password-hash.ts'
import { fromBase64, unpadded } from './base64.ts'
import {
  checkParameters,
  isHashLength,
  isSaltLength,
  isWithin,
  mostMemory,
  parameter,
  type WeakOption,
} from './bounds.ts'
import { djangoSalt, isDjangoSalt } from './django-salt.ts'

/** Parameters of scrypt. The defaults are a row of OWASP's that needs 32 MiB. */
export interface ScryptOptions extends WeakOption {
  /** N, a power of two. Memory is 128 bytes times `cost` times `blockSize`. @default 32768 */
  readonly cost?: number
  /** r. @default 8 */
  readonly blockSize?: number
  /** p. @default 3 */
  readonly parallelism?: number
}

type Parameters = Required<Omit<ScryptOptions, 'weak'>>

/** Scrypt as a PHC string: `$scrypt$ln=15,r=8,p=3$salt$hash`. Throws `OPTION_INVALID` for parameters below OWASP's minimum. */
export function scrypt(options: ScryptOptions = {}): PasswordHasher {
  const { cost = 32_768, blockSize = 8, parallelism = 3 } = options
  const parameters = { cost, blockSize, parallelism }
  checkScrypt(parameters, options)
  const scheme = phcScheme(parameters)
  return {
    scheme,
    encode: async (password, salt = randomBytes(16)) =>
      `${scheme}$${unpadded(salt)}$${unpadded(await derive(password, salt, 32, parameters))}`,
  }
}

/** Scrypt as Django's ScryptPasswordHasher writes it, with its parameters: N 16384, r 8, p 5. */
export function djangoScrypt(options: ScryptOptions = {}): PasswordHasher {
  const { cost = 16_384, blockSize = 8, parallelism = 5 } = options
  const parameters = { cost, blockSize, parallelism }
  checkScrypt(parameters, options)
  return {
    scheme: djangoScheme(parameters),
    encode: async (password, salt = djangoSalt()) => {
      const hash = await derive(password, salt, 64, parameters)
      return `scrypt$${cost}$${salt}$${blockSize}$${parallelism}$${hash.toString('base64')}`
    },
  }
}

const phcSpelling = /^\$scrypt\$ln=(\d{1,2}),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const djangoSpelling = /^scrypt\$(\d+)\$([^$]+)\$(\d+)\$(\d+)\$([A-Za-z0-9+/]+={0,2})$/

export function readScrypt(encoded: string): StoredHash | null {
  const [, log = '', r, p, salt = '', hash = ''] = phcSpelling.exec(encoded) ?? []
  const parameters = { cost: 2 ** Number(log), blockSize: parameter(r), parallelism: parameter(p) }
  return stored(parameters, fromBase64(salt), hash, phcScheme(parameters), bytes => bytes.length >= 16)
}

export function readDjangoScrypt(encoded: string): StoredHash | null {
  const [, n, salt = '', r, p, hash = ''] = djangoSpelling.exec(encoded) ?? []
  const parameters = { cost: parameter(n), blockSize: parameter(r), parallelism: parameter(p) }
  return stored(parameters, Buffer.from(salt), hash, djangoScheme(parameters), isDjangoSalt)
}

function stored(
  parameters: Parameters,
  salt: Buffer,
  hash: string,
  scheme: string,
  isStrongSalt: (salt: Buffer) => boolean,
): StoredHash | null {
  const expected = fromBase64(hash)
  if (!isBounded(parameters) || !isSaltLength(salt) || !isHashLength(expected)) return null
  return {
    scheme,
    weakSalt: !isStrongSalt(salt),
    expected,
    derive: password => derive(password, salt, expected.length, parameters),
  }
}

/** At most 256 MiB, and four times the work of OWASP's first row: 1.3 seconds of one core. */
function isBounded({ cost, blockSize, parallelism }: Parameters): boolean {
  return (
    isWithin(blockSize, 1, 64) &&
    isWithin(cost, 2, mostMemory / 128 / blockSize) &&
    Number.isInteger(Math.log2(cost)) &&
    isWithin(parallelism, 1, Math.min(64, 2 ** 22 / cost / blockSize))
  )
}

/** OWASP's rows, from N 2^17 with p 1 down to 2^13 with p 10, all with r 8: none has N times p below 81920. */
function checkScrypt(parameters: Parameters, options: ScryptOptions): void {
  const { cost, blockSize, parallelism } = parameters
  const strong = cost >= 2 ** 13 && blockSize >= 8 && cost * parallelism >= 81_920
  checkParameters('scrypt', { ...parameters }, options, {
    possible: isBounded(parameters),
    strong,
    minimum: "OWASP's minimum (cost 32768, blockSize 8 and parallelism 3, or as much)",
  })
}

const phcScheme = ({ cost, blockSize, parallelism }: Parameters): string =>
  `$scrypt$ln=${Math.log2(cost)},r=${blockSize},p=${parallelism}`

const djangoScheme = ({ cost, blockSize, parallelism }: Parameters): string =>
  `scrypt$${cost}$${blockSize}$${parallelism}`

function derive(password: string, salt: Buffer, length: number, parameters: Parameters): Promise<Buffer> {
  // OpenSSL's own limit is 32 MiB. Ours are the bounds above, which the blocks of the lanes exceed a little.
  const options = { ...parameters, parallelization: parameters.parallelism, maxmem: 2 * mostMemory }
  return new Promise((resolve, reject) => {
    nodeScrypt(password, salt, length, options, (error, hash) => (error ? reject(error) : resolve(hash)))
  })
}
