import { createHash } from 'node:crypto'
import { KeepsakeError } from '../../../errors.ts'
import type { PasswordHasher, StoredHash } from '../password-hash.ts'
import { checkParameters, isWithin, type WeakOption } from './bounds.ts'

/** `$2x$` is not read: it marks hashes of a faulty implementation. */
const spelling = /^(bcrypt\$|bcrypt_sha256\$)?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/

/** Parameters of bcrypt. */
export interface DjangoBcryptOptions extends WeakOption {
  /** The work doubles with each. @default 12, as Django */
  readonly cost?: number
}

/**
 * bcrypt as Django's BCryptSHA256PasswordHasher writes it, over the SHA-256 of the password, so that its length does not matter: for a
 * site whose Django has it first. Needs the package `bcryptjs`, which computes on the main thread. Raw bcrypt is not written.
 */
export function djangoBcryptSha256(options: DjangoBcryptOptions = {}): PasswordHasher {
  const { cost = 12 } = options
  checkParameters('bcrypt', { cost }, options, {
    possible: isCost(cost),
    strong: cost >= 10,
    minimum: "OWASP's minimum of cost 10",
  })
  const setting = `$2b$${String(cost).padStart(2, '0')}$`
  return {
    scheme: `bcrypt_sha256$bcrypt$${setting.slice(4, 6)}`,
    async encode(password, salt) {
      const { genSalt, hash } = await loaded()
      return `bcrypt_sha256$${await hash(digestOf(password), salt ? `${setting}${salt}` : await genSalt(cost))}`
    },
  }
}

/** Reads what other systems left: `$2a$`, `$2b$`, `$2y$`, and Django's `bcrypt$` and `bcrypt_sha256$`. */
export function readBcrypt(encoded: string): StoredHash | null {
  const [, prefix = '', salt = '', cost = '', checksum = ''] = spelling.exec(encoded) ?? []
  if (!isCost(Number(cost))) return null
  const derive = async (text: string): Promise<Buffer> =>
    Buffer.from((await (await loaded()).hash(text, salt)).slice(-31))
  return {
    scheme: `${prefix}bcrypt$${cost}`,
    weakSalt: false,
    expected: Buffer.from(checksum),
    derive: async password => {
      if (prefix === 'bcrypt_sha256$') return derive(digestOf(password))
      return isWhole(password) ? derive(password) : null
    },
  }
}

/** Cost 15 is two seconds of JavaScript. */
const isCost = (cost: number): boolean => isWithin(cost, 4, 15)

/** Bcrypt drops what follows byte 72: every password with the same beginning would pass too (CVE-2025-22228). */
const isWhole = (password: string): boolean => Buffer.byteLength(password) <= 72

const digestOf = (password: string): string => createHash('sha256').update(password).digest('hex')

async function loaded(): Promise<typeof import('bcryptjs')['default']> {
  const { default: bcryptjs } = await import('bcryptjs').catch(cause => {
    throw new KeepsakeError('PACKAGE_MISSING', 'bcrypt needs bcryptjs: npm install bcryptjs', {
      cause,
    })
  })
  return bcryptjs
}
