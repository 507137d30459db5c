import { createHash } from 'node:crypto'
import type { StoredHash } from '../password-hash.ts'

/** Fast hashes of old Djangos. They are read only if the option `legacy` names them, so that they can be replaced at login. */
export type LegacyFormat = 'md5' | 'sha1' | 'unsalted-md5' | 'unsalted-sha1'

export const legacyFormats: readonly LegacyFormat[] = ['md5', 'sha1', 'unsalted-md5', 'unsalted-sha1']

const spellings = [
  /^(?<digest>md5)\$(?<salt>[^$]*)\$(?<hash>[0-9a-f]{32})$/,
  /^(?<digest>sha1)\$(?<salt>[^$]*)\$(?<hash>[0-9a-f]{40})$/,
  /^(?<hash>[0-9a-f]{32})$/,
]

/** Reads `md5$salt$hash`, `sha1$salt$hash`, both with an empty salt, and 32 bare hexadecimal digits. */
export function readLegacy(encoded: string, accepted: readonly LegacyFormat[]): StoredHash | null {
  const {
    digest = 'md5',
    salt = '',
    hash,
  } = spellings.map(spelling => spelling.exec(encoded)).find(Boolean)?.groups ?? {}
  const format = legacyFormats.find(name => name === (salt ? digest : `unsalted-${digest}`))
  if (!hash || !format || !accepted.includes(format)) return null
  return {
    scheme: format,
    weakSalt: true,
    expected: Buffer.from(hash, 'hex'),
    derive: async password =>
      createHash(digest)
        .update(salt + password)
        .digest(),
  }
}
