import { createHash } from 'node:crypto'
import { KeepsakeError } from '../../../errors.ts'
import type { StoredHash } from '../password-hash.ts'
import { isWithin } from './bounds.ts'

/** `$2x$` is not read: it marks hashes of a faulty implementation. */
const spelling = /^(bcrypt\$|bcrypt_sha256\$)?(\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/

/** Reads what other systems left: `$2a$`, `$2b$`, `$2y$`, and Django's `bcrypt$` and `bcrypt_sha256$`. Nothing is written as bcrypt. */
export function readBcrypt(encoded: string): StoredHash | null {
  const [, prefix = '', salt = '', cost = '', checksum = ''] = spelling.exec(encoded) ?? []
  // Cost 15 is two seconds of JavaScript.
  if (!isWithin(Number(cost), 4, 15)) return null
  const derive = (text: string): Promise<Buffer> => bcrypt(text, salt)
  return {
    scheme: `${prefix}bcrypt$${cost}`,
    weakSalt: false,
    expected: Buffer.from(checksum),
    derive: async password => {
      if (prefix === 'bcrypt_sha256$') return derive(createHash('sha256').update(password).digest('hex'))
      return isWhole(password) ? derive(password) : null
    },
  }
}

/** Bcrypt drops what follows byte 72: every password with the same beginning would pass too (CVE-2025-22228). */
const isWhole = (password: string): boolean => Buffer.byteLength(password) <= 72

async function bcrypt(text: string, salt: string): Promise<Buffer> {
  const { default: bcryptjs } = await import('bcryptjs').catch(cause => {
    throw new KeepsakeError('PACKAGE_MISSING', 'a stored hash is bcrypt, which needs bcryptjs: npm install bcryptjs', {
      cause,
    })
  })
  return Buffer.from((await bcryptjs.hash(text, salt)).slice(-31))
}
