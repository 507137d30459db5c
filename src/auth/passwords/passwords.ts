import { timingSafeEqual } from 'node:crypto'
import { KeepsakeError } from '../../errors.ts'
import { checkPassword } from './check/check-password.ts'
import type { PasswordContext, PasswordProblem } from './check/problem.ts'
import { type PasswordOptions, type PasswordSettings, resolvePasswordOptions } from './options.ts'
import type { StoredHash } from './password-hash.ts'
import { characters, mostBytes, textFault } from './password-text.ts'
import { readHash } from './read-hash.ts'

/** What `verify` found. */
export interface PasswordMatch {
  readonly valid: boolean
  /** Whether the stored hash is behind in format, parameters or salt: store what `rehash(password)` gives. Only if valid. */
  readonly rehash: boolean
}

/** Hashes and checks passwords: `createPasswords`. A password is never trimmed, truncated, normalised or logged. */
export interface Passwords {
  /**
   * The text to store for a new password. Throws `PASSWORD_REFUSED` (400), before anything is hashed, for one that is shorter than
   * `minLength`, longer than 1024 bytes of UTF-8, or has NUL or half of a surrogate pair: `check` says so, and more, beforehand.
   */
  hash(password: string): Promise<string>
  /** As `hash`, for a password that has just logged in and was chosen under other rules: it may be shorter. */
  rehash(password: string): Promise<string>
  /**
   * Whether the password is the one of the stored hash, in any format that is accepted. Garbage in either is not valid, and no
   * error. A hash that is wrong and behind costs one of the current parameters too, and so does none: the time does not tell
   * whether there is such a user.
   */
  verify(password: string, encoded: string | null | undefined): Promise<PasswordMatch>
  /** Takes the time of a `verify` and is never valid: for a name that no user has. */
  verifyAgainstNothing(password: string): Promise<PasswordMatch>
  /** What is wrong with a new password; an empty list if nothing is. Rejects only if the `breached` hook does. */
  check(password: string, context?: PasswordContext): Promise<PasswordProblem[]>
}

/**
 * `hash`, `rehash` and `verify` share a bounded number of places (`hashesAtOnce`, `hashesWaiting`) and throw
 * `PASSWORDS_BUSY` (503) when all are taken. Make one for each process. `docs/passwords.md` has the formats and parameters.
 *
 * @example
 * const passwords = createPasswords({ words: ['acme'] })
 * const problems = await passwords.check(password, { user: { username, email } })
 * if (problems.length === 0) user.password = await passwords.hash(password)
 *
 * const { valid, rehash } = await passwords.verify(password, user?.password)
 * if (user && rehash) user.password = await passwords.rehash(password)
 */
export function createPasswords(options: PasswordOptions = {}): Passwords {
  return new HashedPasswords(resolvePasswordOptions(options))
}

const invalid: PasswordMatch = { valid: false, rehash: false }

class HashedPasswords implements Passwords {
  readonly #settings: PasswordSettings

  constructor(settings: PasswordSettings) {
    this.#settings = settings
  }

  async hash(password: string): Promise<string> {
    const { minLength } = this.#settings.rules
    if (textFault(password) === null && characters(password) < minLength) {
      throw new KeepsakeError('PASSWORD_REFUSED', `it has ${characters(password)} of at least ${minLength} characters`)
    }
    return this.rehash(password)
  }

  async rehash(password: string): Promise<string> {
    const fault = textFault(password)
    if (fault) throw new KeepsakeError('PASSWORD_REFUSED', faults[fault])
    const { hasher, queue } = this.#settings
    return queue.run(() => hasher.encode(password))
  }

  async verify(password: string, encoded: string | null | undefined): Promise<PasswordMatch> {
    if (textFault(password)) return invalid
    const { legacy, queue } = this.#settings
    const stored = readHash(encoded, legacy)
    return queue.run(() => this.#match(password, stored))
  }

  verifyAgainstNothing(password: string): Promise<PasswordMatch> {
    return this.verify(password, null)
  }

  check(password: string, context: PasswordContext = {}): Promise<PasswordProblem[]> {
    return checkPassword(password, context, this.#settings.rules)
  }

  async #match(password: string, stored: StoredHash | null): Promise<PasswordMatch> {
    const { hasher } = this.#settings
    const valid = stored !== null && isEqual(await stored.derive(password), stored.expected)
    const isBehind = stored === null || stored.weakSalt || stored.scheme !== hasher.scheme
    // The right password costs this too, when it is hashed anew.
    if (!valid && isBehind) await hasher.encode(password)
    return { valid, rehash: valid && isBehind }
  }
}

const faults = {
  'too-long': `it is longer than ${mostBytes} bytes`,
  'not-text': 'it is no text, or has NUL or half of a surrogate pair',
}

function isEqual(derived: Buffer | null, expected: Buffer): boolean {
  return derived !== null && derived.length === expected.length && timingSafeEqual(derived, expected)
}
