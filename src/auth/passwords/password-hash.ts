/** A stored hash, taken apart: what to derive from a password, and what must come out. */
export interface StoredHash {
  /** Format and parameters, in one text. Hashes of one scheme cost the same to verify. */
  readonly scheme: string
  /** Whether the salt has less than 128 bits. Such a hash is made anew at the next login. */
  readonly weakSalt: boolean
  readonly expected: Buffer
  /** Null if this format cannot hold the password: bcrypt ends at byte 72. */
  derive(password: string): Promise<Buffer | null>
}

/** Takes the text of one format apart. Null for every other text, and for parameters outside of the format's bounds. */
export type ReadHash = (encoded: string) => StoredHash | null

/** Makes the hashes of new passwords: `argon2id()`, `scrypt()`, `pbkdf2()`, or one of those that Django reads. */
export interface PasswordHasher {
  /** Format and parameters, as in `StoredHash`: a stored hash of another scheme is made anew at the next login. */
  readonly scheme: string
  /** The text to store. The salt is random, except in tests. */
  encode(password: string, salt?: Buffer): Promise<string>
}
