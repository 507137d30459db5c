import { availableParallelism } from 'node:os'
import { KeepsakeError } from '../../errors.ts'
import { checkFunctions } from '../../values/check-options.ts'
import type { CheckRules } from './check/check-password.ts'
import { argon2id } from './formats/argon2.ts'
import { type LegacyFormat, legacyFormats } from './formats/legacy.ts'
import { HashQueue } from './hash-queue.ts'
import type { PasswordHasher } from './password-hash.ts'

/** Options of `createPasswords`. Every one has a safe default. */
export interface PasswordOptions {
  /** Makes the hashes of new passwords, and of those that log in with an older hash. @default argon2id() */
  readonly hasher?: PasswordHasher
  /** Fast hashes that are accepted until each user's next login: 'md5', 'sha1', 'unsalted-md5', 'unsalted-sha1'. @default none */
  readonly legacy?: readonly LegacyFormat[]
  /** Fewest characters of a new password, 8 to 64. NIST advises 15 where a password is all it takes. @default 8 */
  readonly minLength?: number
  /** Words that are easy to guess on this site: its name, its company's. Those of fewer than 4 characters are ignored. @default none */
  readonly words?: readonly string[]
  /** Attributes of the user that a password must not be similar to. @default username, email, firstName, lastName */
  readonly userAttributes?: readonly string[]
  /** Whether a password is in a set of leaked ones. Called last, if nothing else is wrong. @default not asked */
  readonly breached?: (password: string) => Promise<boolean>
  /** How many hashes are computed at once. @default the number of cores, and one less than libuv has threads (4) */
  readonly hashesAtOnce?: number
  /** How many may wait for that; further ones fail with `PASSWORDS_BUSY`. @default 100 */
  readonly hashesWaiting?: number
}

/** The options with every default in place and every check passed. */
export interface PasswordSettings {
  readonly hasher: PasswordHasher
  readonly legacy: readonly LegacyFormat[]
  readonly rules: CheckRules
  readonly queue: HashQueue
}

const known: readonly (keyof PasswordOptions)[] = [
  ...(['hasher', 'legacy', 'minLength', 'words', 'userAttributes', 'breached'] as const),
  ...(['hashesAtOnce', 'hashesWaiting'] as const),
]

/** Throws `OPTION_INVALID` at construction, so that bad configuration does not start. */
export function resolvePasswordOptions(options: PasswordOptions): PasswordSettings {
  const unknown = Object.keys(options).find(name => !known.some(option => option === name))
  if (unknown) throw invalid(unknown, `is not an option; the options are ${known.join(', ')}`)
  const { hasher = argon2id(), legacy = [], breached } = options
  checkFunctions('hasher', hasher, ['encode'])
  if (breached !== undefined) checkFunctions('the options', options, ['breached'])
  const strange = legacy.find(format => !legacyFormats.includes(format))
  if (strange !== undefined) throw invalid('legacy', `has ${JSON.stringify(strange)}, not one of ${legacyFormats}`)
  const { words = [], userAttributes = ['username', 'email', 'firstName', 'lastName'] } = options
  const rules = { minLength: between('minLength', options.minLength ?? 8, 8, 64), words, userAttributes, breached }
  return { hasher, legacy, rules, queue: queueOf(options) }
}

function queueOf({ hashesAtOnce = coresWithoutLast(), hashesWaiting = 100 }: PasswordOptions): HashQueue {
  const atOnce = between('hashesAtOnce', hashesAtOnce, 1, 1024)
  return new HashQueue(atOnce, between('hashesWaiting', hashesWaiting, 0, 100_000))
}

/** Hashes run on libuv's threads, which files and name look-ups need too: one is left to them. */
function coresWithoutLast(): number {
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4
  return Math.max(1, Math.min(availableParallelism(), threads - 1, 1024))
}

function between(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw invalid(option, `is ${JSON.stringify(value)}, not a whole number from ${least} to ${most}`)
}

function invalid(option: string, what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `${option} ${what}`)
}
