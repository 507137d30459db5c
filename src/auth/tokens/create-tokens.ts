import { createHmac, type KeyObject } from 'node:crypto'
import { isSameText } from '../../crypto/compare.ts'
import type { KeyRing } from '../../crypto/key-ring.ts'
import { checkFunctions } from '../../values/check-options.ts'
import { type Duration, durationMs } from '../../values/duration.ts'
import type { UserRecord } from '../users/user.ts'
import { macKeys } from './mac-keys.ts'

/** Options of `createTokens`. */
export interface TokenOptions {
  /** What the tokens are good for: `password reset`. A token of another purpose is none. Printable ASCII. */
  readonly purpose: string
  /** How long a token is good for. @default '1h' */
  readonly lifetime?: Duration
  /** The time in ms since 1970. @default Date.now */
  readonly now?: () => number
}

/** What of a user a token hangs on: when one of these changes, the token is void. */
export type TokenUser = Pick<UserRecord, 'id' | 'password' | 'email' | 'lastLoginAt'>

/** Tokens to be sent by mail: `createTokens`. They are stored nowhere. */
export interface Tokens {
  /** A token for this user; `about` is what it is to confirm, such as a new e-mail address, and is not in it. */
  make(user: TokenUser, about?: string): string
  /** Whether the token is one of this user, about the same, still good, and from before any change. Garbage is not. Never throws. */
  check(user: TokenUser, token: unknown, about?: string): boolean
}

/** Seconds since 1970 in base 36, a dash, HMAC-SHA-256 in base64url. */
const shape = /^([0-9a-z]{1,8})-([\w-]{43})$/

/**
 * Tokens for resetting a password and confirming an address, after Django's scheme: the user's password hash, last login and
 * e-mail are signed but not shown, so that a token is used up when it has changed one of them, and dies with every login.
 *
 * The token alone decides nothing about the use: what it allows has to change the user, or it works again until it expires.
 *
 * @throws OPTION_INVALID, DURATION_INVALID
 * @example
 * const resets = createTokens(keyRing(secrets), { purpose: 'password reset' })
 * const token = resets.make(user)
 * if (resets.check(user, token)) await users.setPassword(user.id, password)
 */
export function createTokens(ring: KeyRing, { purpose, lifetime = '1h', now = Date.now }: TokenOptions): Tokens {
  checkFunctions('the options', { now }, ['now'])
  const lifetimeMs = durationMs(lifetime, 'lifetime')
  const keys = macKeys(ring, 'user token', purpose)
  return {
    make(user, about = '') {
      const at = Math.floor(now() / 1000).toString(36)
      return `${at}-${mac(keys[0], user, at, about)}`
    },
    check(user, token, about = '') {
      const [, at = '', sent = ''] = (typeof token === 'string' && shape.exec(token)) || []
      if (at === '' || !keys.some(key => isSameText(sent, mac(key, user, at, about)))) return false
      // One from the future is from a process whose clock is ahead: it was signed all the same.
      return now() - Number.parseInt(at, 36) * 1000 <= lifetimeMs
    },
  }
}

function mac(key: KeyObject, { id, password, email, lastLoginAt }: TokenUser, at: string, about: string): string {
  // Without the fraction of the second, which not every database keeps.
  const lastLogin = lastLoginAt && Math.floor(lastLoginAt.getTime() / 1000)
  const text = JSON.stringify([id, password, email, lastLogin, at, about])
  return createHmac('sha256', key).update(text).digest('base64url')
}
