import { constantTimeEqual, type DjangoSecrets, type Secret, saltedHmac, verifyingKeys } from './salted-hmac.ts'

/** What of a user a reset token depends on: when one of these changes, the token is void. */
export interface ResetUser {
  readonly pk: string | number | bigint
  /** The column `password`. */
  readonly password: string
  /** As the database has it, in UTC: a Date, ISO text, or null. */
  readonly lastLogin: Date | string | null
  readonly email: string | null
}

/** The moment, and the site's clock. */
export interface ResetOptions extends DjangoSecrets {
  /** The time in ms since 1970. @default Date.now() */
  readonly now?: number
  /** Django's `TIME_ZONE`: a token counts seconds of local time. @default 'UTC' */
  readonly timeZone?: string
}

/** How a token is checked. */
export interface ResetCheck extends ResetOptions {
  /** `PASSWORD_RESET_TIMEOUT`, in seconds. @default 259200, three days */
  readonly timeout?: number
}

const salt = 'django.contrib.auth.tokens.PasswordResetTokenGenerator'
const year2001 = Date.UTC(2001, 0, 1) / 1000

/** A token to reset a password with, once. Matches `PasswordResetTokenGenerator.make_token` of Django 3.1 and later. */
export function createResetToken(user: ResetUser, options: ResetOptions): string {
  return tokenAt(user, BigInt(localSeconds(options)), verifyingKeys(options)[0] ?? '')
}

/** Whether a token is this user's, unused, and not too old. Never throws. Matches `PasswordResetTokenGenerator.check_token`. */
export function checkResetToken(user: ResetUser, token: string, options: ResetCheck): boolean {
  const [, stamp = ''] = /^([0-9a-z]{1,13})-[0-9a-f]{32}$/.exec(token) ?? []
  if (stamp === '') return false
  const at = fromBase36(stamp)
  if (!verifyingKeys(options).some(key => constantTimeEqual(tokenAt(user, at, key), token))) return false
  return localSeconds(options) - Number(at) <= (options.timeout ?? 259_200)
}

/** The user's part of a reset link. Matches `urlsafe_base64_encode(force_bytes(user.pk))`. */
export function uidBase64(pk: string | number | bigint): string {
  return Buffer.from(String(pk)).toString('base64url')
}

function tokenAt(user: ResetUser, seconds: bigint, key: Secret): string {
  const value = `${user.pk}${user.password}${lastLoginText(user.lastLogin)}${seconds}${user.email ?? ''}`
  const hash = saltedHmac(salt, value, key).toString('hex')
  return `${seconds.toString(36)}-${hash.replace(/(.)./g, '$1')}`
}

/** Without fraction and zone, since not every database keeps them. */
function lastLoginText(lastLogin: Date | string | null): string {
  const text = lastLogin instanceof Date ? lastLogin.toISOString() : (lastLogin ?? '')
  return text.slice(0, 19).replace('T', ' ')
}

/** Seconds on the wall clock since 2001 began. */
function localSeconds({ now = Date.now(), timeZone = 'UTC' }: ResetOptions): number {
  return Math.trunc(localTime(now, timeZone) / 1000 - year2001)
}

/** The ms since 1970 of the moment at which a clock in UTC shows what one in this zone shows now. */
function localTime(now: number, timeZone: string): number {
  if (timeZone === 'UTC') return now
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const offset = format.formatToParts(now).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(offset) ?? []
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return now + (sign === '-' ? -ms : ms)
}

function fromBase36(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}
