import { expect } from 'vitest'
import { isSafeNext } from '../src/auth/safe-next.ts'
import { readRedisValue, writeRedisValue } from '../src/django/cache-value.ts'
import { csrfFault } from '../src/django/csrf-check.ts'
import { csrfTokenFault, csrfTokenMatches, maskCsrfSecret, unmaskCsrfToken } from '../src/django/csrf-token.ts'
import { httpDate } from '../src/django/http-date.ts'
import { normalizeEmail, normalizeUsername } from '../src/django/normalize.ts'
import { parseDjangoCookies } from '../src/django/parse-cookie.ts'
import { checkResetToken, createResetToken, type ResetUser, uidBase64 } from '../src/django/reset-token.ts'
import { sessionAuthHash } from '../src/django/session-auth.ts'
import { djangoExpiry, expiryKey, isoMicroseconds, isoText } from '../src/django/session-expiry.ts'
import { sessionCacheKey } from '../src/django/session-key.ts'
import { choiceIn, endFrom } from '../src/django/sessions/expiry-choice.ts'
import { djangoDeleteCookie, djangoSetCookie } from '../src/django/set-cookie.ts'
import { signCookie, unsignCookie } from '../src/django/signed-cookie.ts'
import { checkLogin } from './django-login.ts'
import { type Checks, type Dict, type Fields, ms, outcome, secretsOf, thrown } from './django-vector-parts.ts'

/** Cookies, logins, and what else of a request has a format. */
export const requestChecks: Checks = {
  set_cookie: ({ input, expected }) => expectLine(() => djangoSetCookie(...cookieArguments(input)), expected),

  delete_cookie: ({ input, expected }) => {
    const [name, , { path = '/', domain, sameSite }] = cookieArguments(input) as [string, string, Fields]
    expectLine(() => djangoDeleteCookie(name, { path, domain, sameSite }), expected)
  },

  signed_cookie: ({ django, input, expected: { cookie_value } }) => {
    const format: 'v2' | 'classic' = django.startsWith('3.') ? 'classic' : 'v2'
    const options = { ...secretsOf(input), salt: input.salt, now: ms(input.time), format }
    expect(signCookie(input.name, input.value, options)).toBe(cookie_value)
    expect(unsignCookie(input.name, cookie_value, options)).toEqual({ ok: true, value: input.value })
  },

  signed_cookie_legacy: ({ input, expected }) => {
    const classicFallback = input.SIGNED_COOKIE_LEGACY_SALT_FALLBACK
    const options = { ...secretsOf(input), salt: input.salt, classicFallback }
    expect(unsignCookie(input.name, input.cookie_value, options)).toEqual(outcome(expected))
  },

  parse_cookie: ({ input: { header }, expected: { pairs } }) => {
    expect([...parseDjangoCookies(header)]).toEqual(pairs)
  },

  expiry: ({ input, expected }) => {
    const { time, set_expiry: chosen, settings } = input
    const stored = expected.stored
    const seconds = chosen?.timedelta_s
    if (seconds !== undefined) expect(isoText((time + seconds) * 1e6)).toBe(stored)
    const { SESSION_COOKIE_AGE: cookieAge = 1_209_600, SESSION_EXPIRE_AT_BROWSER_CLOSE: expireAtBrowserClose = false } =
      settings
    const expiry = djangoExpiry(stored, { cookieAge, expireAtBrowserClose, savedAt: ms(time) })
    const { get_expiry_age, get_expiry_date, get_expire_at_browser_close } = expected
    const endsAt = isoMicroseconds(get_expiry_date)
    expect(expiry).toEqual({ age: get_expiry_age, endsAt, withBrowser: get_expire_at_browser_close })
    // And as the engines have it.
    const session = new Map([[expiryKey, stored]])
    expect(endFrom(session, ms(time), ms(cookieAge))).toBe(Math.floor((endsAt ?? 0) / 1000))
    expect(choiceIn(stored)?.type === 'browser' || (!stored && expireAtBrowserClose)).toBe(expiry?.withBrowser)
  },

  http_date: ({ input: { epoch }, expected: { date } }) => expect(httpDate(epoch)).toBe(date),

  session_auth_hash: ({ input, expected: { hash, fallback_hashes = [], legacy_sha1 } }) => {
    const { SECRET_KEY, SECRET_KEY_FALLBACKS, password_field } = input
    expect(sessionAuthHash(password_field, SECRET_KEY)).toBe(hash)
    const fallbacks = fallback_hashes.length === 0 ? [] : SECRET_KEY_FALLBACKS
    expect(fallbacks.map((key: string) => sessionAuthHash(password_field, key))).toEqual(fallback_hashes)
    if (legacy_sha1) expect(sessionAuthHash(password_field, SECRET_KEY, 'sha1')).toBe(legacy_sha1)
  },

  login: ({ input, given, expected }) => checkLogin(given, input, expected),

  password_reset_token: ({ input, expected: { token, uidb64, checks } }) => {
    const now = Date.parse(`${input.now_naive_local}Z`)
    const options = { ...secretsOf(input), now, timeout: input.PASSWORD_RESET_TIMEOUT }
    const user = resetUser(input)
    expect([createResetToken(user, options), uidBase64(user.pk)]).toEqual([token, uidb64])
    const at = (seconds: number): boolean => checkResetToken(user, token, { ...options, now: now + ms(seconds) })
    const as = (other: Partial<ResetUser>): boolean => checkResetToken({ ...user, ...other }, token, options)
    const text = (other: string): boolean => checkResetToken(user, other, options)
    expect({
      ...{ same: at(0), '3days': at(259_200), '3days1s': at(259_201), future_clock_back: at(-100) },
      ...{ password_changed: as({ password: 'other' }), last_login_changed: as({ lastLogin: new Date(0) }) },
      ...{ email_changed: as({ email: 'other@b.com' }), empty: text(''), none: text('none') },
      ...{ bad: text('bad'), bad2: text('a-b-c'), badts: text(token.replace(/^./, '!')) },
    }).toEqual(checks)
  },

  csrf_mask: ({ input: { secret, mask }, expected: { token } }) => {
    expect([maskCsrfSecret(secret, mask), unmaskCsrfToken(token)]).toEqual([token, secret])
    expect([token, secret, mask].map(given => csrfTokenMatches(given, secret))).toEqual([true, true, false])
  },

  csrf_format: ({ input: { token }, expected: { message = null } }) => expect(csrfTokenFault(token)).toBe(message),

  csrf_check: ({ input, expected: { reason } }) => {
    const { method = 'POST', host, secure, cookie: secret, header: headerToken, origin, referer } = input
    const formToken = input.post?.csrfmiddlewaretoken
    const request = { method, host, secure, secret, formToken, headerToken, origin, referer }
    expect(csrfFault(request, { trustedOrigins: input.CSRF_TRUSTED_ORIGINS ?? [] })).toBe(reason)
  },

  url_has_allowed_host_and_scheme: ({ input, expected: { result } }) => {
    const { url, allowed_hosts: allowedHosts, require_https: requireHttps } = input
    expect(isSafeNext(url, { allowedHosts, requireHttps })).toBe(result)
  },

  normalize_email: ({ input: { email }, expected: { result } }) => expect(normalizeEmail(email)).toBe(result),
  normalize_username: ({ input, expected: { result } }) => expect(normalizeUsername(input.username)).toBe(result),

  redis_session: ({ input, given: session, expected }) => {
    expect(sessionCacheKey(input.engine, input.session_key)).toBe(expected.redis_key)
    expect(readRedisValue(Buffer.from(expected.value_b64, 'base64'))).toEqual(session)
    expect(Buffer.from(writeRedisValue(session)).toString('base64')).toBe(expected.value_without_memoize_b64)
    const stored = (session as Dict).get('_session_expiry')
    expect(djangoExpiry(stored, { savedAt: ms(input.time) })?.age).toBe(expected.ttl)
    expect(Buffer.from(writeRedisValue(new Map())).toString('base64')).toBe(expected.after_create_b64)
  },
}

function cookieArguments({ args: [name, value = ''], kwargs, time }: Fields): Parameters<typeof djangoSetCookie> {
  const { max_age, expires, httponly, samesite, ...rest } = kwargs
  const isDate = typeof expires === 'string' && /^\d{4}-/.test(expires)
  const date = isDate ? new Date(/[+Z]/.test(expires) ? expires : `${expires}Z`) : expires
  const maxAge = max_age?.timedelta_s ?? max_age
  return [
    name,
    String(value),
    { ...rest, maxAge, expires: date, httpOnly: httponly, sameSite: samesite, now: ms(time ?? 0) },
  ]
}

function expectLine(write: () => string, { ok, error }: Fields): void {
  if (error) expect(thrown(write)).toBe('COOKIE_INVALID')
  else expect([write()]).toEqual(ok)
}

function resetUser({ pk, password_field, last_login, email }: Fields): ResetUser {
  return { pk, password: password_field, lastLogin: last_login, email }
}
