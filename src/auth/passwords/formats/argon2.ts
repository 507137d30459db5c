import { randomBytes } from 'node:crypto'
import type { PasswordHasher, StoredHash } from '../password-hash.ts'
import { type Argon2, type Argon2Parameters, findArgon2 } from './argon2-function.ts'
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

/** Parameters of argon2id. The defaults are OWASP's: 19 MiB, two passes, one lane. */
export interface Argon2Options extends WeakOption {
  /** In KiB. @default 19456 */
  readonly memory?: number
  /** How often the memory is filled. @default 2 */
  readonly passes?: number
  /** @default 1 */
  readonly parallelism?: number
}

/**
 * Argon2id as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. The default of `createPasswords`. Throws
 * `OPTION_INVALID` for parameters below OWASP's minimum.
 */
export function argon2id(options: Argon2Options = {}): PasswordHasher {
  const { memory = 19_456, passes = 2, parallelism = 1 } = options
  checkArgon2({ memory, passes, parallelism }, options)
  return hasher('', { variety: 'argon2id', memory, passes, parallelism }, () => randomBytes(16))
}

/** Argon2id as Django's Argon2PasswordHasher writes it, with its parameters: 100 MiB, two passes, eight lanes. */
export function djangoArgon2(options: Argon2Options = {}): PasswordHasher {
  const { memory = 102_400, passes = 2, parallelism = 8 } = options
  checkArgon2({ memory, passes, parallelism }, options)
  return hasher('argon2', { variety: 'argon2id', memory, passes, parallelism }, djangoSalt)
}

/** OWASP's rows, from 46 MiB with one pass down to 7 MiB with five, all fill at least 35 MiB. */
function checkArgon2(parameters: Omit<Argon2Parameters, 'variety'>, options: Argon2Options): void {
  const { memory, passes } = parameters
  checkParameters('argon2id', { ...parameters }, options, {
    possible: isBounded(parameters),
    strong: memory >= 7168 && memory * passes >= 35_840,
    minimum: "OWASP's minimum (memory 19456 and passes 2, or as much)",
  })
}

function hasher(prefix: '' | 'argon2', parameters: Argon2Parameters, newSalt: () => Buffer): PasswordHasher {
  const scheme = schemeOf(prefix, parameters)
  return {
    scheme,
    encode: async (password, salt = newSalt()) =>
      `${scheme}$${unpadded(salt)}$${unpadded(await derive(password, salt, 32, parameters))}`,
  }
}

/** Version 1.0 of argon2 (`v=16`, or no `v`) is not read: `node:crypto` does not have it. */
const spelling =
  /^(argon2)?\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Reads PHC strings of argon2id, argon2i and argon2d, and the same behind Django's `argon2`. */
export function readArgon2(encoded: string): StoredHash | null {
  const [, prefix = '', variety, memory, passes, parallelism, saltText = '', hash = ''] = spelling.exec(encoded) ?? []
  if (variety !== 'argon2id' && variety !== 'argon2i' && variety !== 'argon2d') return null
  const [m, t, p] = [parameter(memory), parameter(passes), parameter(parallelism)]
  const parameters = { variety, memory: m, passes: t, parallelism: p } as const
  const [salt, expected] = [fromBase64(saltText), fromBase64(hash)]
  // Shorter salts than 8 bytes are no argon2 (RFC 9106 section 3.1).
  if (!isBounded(parameters) || !isSaltLength(salt) || salt.length < 8 || !isHashLength(expected)) return null
  return {
    scheme: schemeOf(prefix, parameters),
    weakSalt: prefix ? !isDjangoSalt(salt) : salt.length < 16,
    expected,
    derive: password => derive(password, salt, expected.length, parameters),
  }
}

/** At most 256 MiB, filled 2 GiB in all: two seconds of one core, where the default takes 40 ms. */
function isBounded({ memory, passes, parallelism }: Omit<Argon2Parameters, 'variety'>): boolean {
  return (
    isWithin(parallelism, 1, 64) &&
    isWithin(memory, 8 * parallelism, mostMemory / 1024) &&
    isWithin(passes, 1, 2 ** 21 / memory)
  )
}

function schemeOf(prefix: string, { variety, memory, passes, parallelism }: Argon2Parameters): string {
  return `${prefix}$${variety}$v=19$m=${memory},t=${passes},p=${parallelism}`
}

const derive: Argon2 = async (...args) => (await findArgon2())(...args)
