import { readArgon2 } from './formats/argon2.ts'
import { readBcrypt } from './formats/bcrypt.ts'
import { longestHash } from './formats/bounds.ts'
import { type LegacyFormat, readLegacy } from './formats/legacy.ts'
import { readDjangoPbkdf2, readPbkdf2 } from './formats/pbkdf2.ts'
import { readDjangoScrypt, readScrypt } from './formats/scrypt.ts'
import type { ReadHash, StoredHash } from './password-hash.ts'

const formats: readonly ReadHash[] = [
  ...[readArgon2, readScrypt, readPbkdf2],
  ...[readDjangoPbkdf2, readDjangoScrypt, readBcrypt],
]

/** The stored hash in this text, or null if it is none that may be verified. Never throws. */
export function readHash(encoded: unknown, legacy: readonly LegacyFormat[]): StoredHash | null {
  if (typeof encoded !== 'string' || encoded.length > longestHash) return null
  for (const read of formats) {
    const stored = read(encoded)
    if (stored) return stored
  }
  return readLegacy(encoded, legacy)
}
