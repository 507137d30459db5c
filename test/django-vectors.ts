import { inflateSync } from 'node:zlib'
import { expect } from 'vitest'
import { isSafeNext } from '../src/auth/safe-next.ts'
import { fromBase62, toBase62 } from '../src/django/base62.ts'
import { readRedisValue, writeRedisValue } from '../src/django/cache-value.ts'
import { csrfFault } from '../src/django/csrf-check.ts'
import { csrfTokenFault, csrfTokenMatches, maskCsrfSecret, unmaskCsrfToken } from '../src/django/csrf-token.ts'
import { httpDate } from '../src/django/http-date.ts'
import { normalizeEmail, normalizeUsername } from '../src/django/normalize.ts'
import { parseDjangoCookies } from '../src/django/parse-cookie.ts'
import { toPlain } from '../src/django/plain-value.ts'
import { readPythonJson } from '../src/django/python-json-read.ts'
import { writePythonJson } from '../src/django/python-json-write.ts'
import type { PythonValue } from '../src/django/python-value.ts'
import { checkResetToken, createResetToken, type ResetUser, uidBase64 } from '../src/django/reset-token.ts'
import { sessionAuthHash } from '../src/django/session-auth.ts'
import { decodeSession, encodeSession, signedCookiesSalt } from '../src/django/session-data.ts'
import { djangoExpiry, expiryKey, isoMicroseconds, isoText, sqliteDate } from '../src/django/session-expiry.ts'
import { sessionCacheKey, sessionFileName } from '../src/django/session-key.ts'
import { choiceIn, endFrom } from '../src/django/sessions/expiry-choice.ts'
import { djangoDeleteCookie, djangoSetCookie } from '../src/django/set-cookie.ts'
import { signCookie, unsignCookie } from '../src/django/signed-cookie.ts'
import { dumps, loads } from '../src/django/signed-object.ts'
import { Signer, TimestampSigner, type Verified } from '../src/django/signer.ts'
import { checkLogin } from './django-login.ts'
import { checkMiddleware, checkSchema, middlewareDifferences } from './django-middleware.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a vector holds depends on its kind
type Fields = Record<string, any>

/** One observation of a running Django. */
export interface Vector {
  readonly id: string
  readonly kind: string
  readonly django: string
  readonly input: Fields
  readonly expected: Fields
  /** The object or session of the input, with its types. */
  readonly given: PythonValue
}

/** Why a vector is not checked here: by kind, or by id. */
export function elsewhere({ kind, id, django, expected }: Vector): string | undefined {
  if (kind === 'session_decode' && django.startsWith('3.') && 'error' in expected) {
    return '3.2 raises an error of base64 for signed text that is not JSON'
  }
  return otherKinds[kind] ?? otherIds[id] ?? middlewareDifferences[id.replace('main.session_middleware.', '')]
}

const otherKinds: Readonly<Record<string, string>> = {
  password_hash: 'src/auth/passwords: its own tests run these',
  check_password_edge: 'src/auth/passwords: its own tests run these',
  password_validation: 'src/auth: password rules are not a format',
}

const otherIds: Readonly<Record<string, string>> = {
  'main.url_has_allowed_host_and_scheme.dj3.2.25.17': '5.2 refuses a line break within a scheme, and so do we',
  'main.url_has_allowed_host_and_scheme.dj3.2.25.45': '5.2 refuses more than 2048 characters, and so do we',
  'main.set_cookie.dj3.2.25.maxagetd': '3.2 has no max_age of type timedelta; ours is always seconds',
  'main.set_cookie.dj3.2.25.both': '3.2 overwrites max_age silently; 5.2 and we refuse both',
  'main.password_reset_token.dj3.2.25.2': '3.2 takes a stamp of less than 4 letters for days, as 3.0 wrote it',
}

/** The vectors of a file, read as Python reads them: JavaScript's own reader would lose 1.0 and 2^64. */
export function readVectors(text: string): Vector[] {
  const file = readPythonJson(text, text.length) as Dict
  const vectors = file.get('vectors') as readonly Dict[]
  return vectors.map(vector => {
    const input = vector.get('input') as Dict
    return {
      ...(toPlain(vector) as Vector),
      given: input.get('obj') ?? input.get('session') ?? input.get('session_before') ?? null,
    }
  })
}

type Dict = ReadonlyMap<string, PythonValue>

const ms = (seconds: number): number => seconds * 1000
const reasons = { BadSignature: 'bad-signature', SignatureExpired: 'expired' }

function outcome<T>(expected: Fields): Verified<T> {
  if ('ok' in expected) return { ok: true, value: expected.ok }
  return { ok: false, why: reasons[expected.error as keyof typeof reasons] as 'expired' }
}

/** The text as far as it does not depend on the zlib that made it. */
function unzipped(signed: string): [boolean, string] {
  const [, zipped, text = ''] = /^(\.?)([\w-]*):/.exec(signed) ?? []
  const bytes = Buffer.from(text, 'base64url')
  return [zipped === '.', (zipped ? inflateSync(bytes) : bytes).toString('latin1')]
}

/** Ours holds the same, is compressed where Django's is, and is byte for byte the same where nothing is compressed. */
function expectSameText(ours: string, theirs: string): void {
  expect(unzipped(ours)).toEqual(unzipped(theirs))
  if (!theirs.startsWith('.')) expect(ours).toBe(theirs)
}

function thrown(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return String((error as { code?: string }).code)
  }
}

function secretsOf(input: Fields): { secretKey: string | Uint8Array; fallbacks: string[] } {
  const key = input.key_b64 ? Buffer.from(input.key_b64, 'base64') : (input.key ?? input.SECRET_KEY)
  return { secretKey: key, fallbacks: input.fallback_keys ?? input.SECRET_KEY_FALLBACKS ?? [] }
}

function signerOptions(input: Fields): ConstructorParameters<typeof Signer>[0] {
  const { salt, sep, algorithm } = input
  return { ...secretsOf(input), salt, ...(sep && { separator: sep }), ...(algorithm && { algorithm }) }
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

export const check: Readonly<Record<string, (vector: Vector) => void | Promise<void>>> = {
  db_schema: checkSchema,
  session_middleware: checkMiddleware,

  b62: ({ input: { n }, expected: { encoded } }) => {
    expect([toBase62(n), fromBase62(encoded)]).toEqual([encoded, n])
  },

  signer: ({ input, expected: { signed } }) => {
    const signer = new Signer(signerOptions(input))
    expect(signer.sign(input.value)).toBe(signed)
    expect(signer.unsign(signed)).toEqual({ ok: true, value: input.value })
  },

  signer_unsign: ({ input, expected }) => {
    expect(new Signer(signerOptions(input)).unsign(input.signed)).toEqual(outcome(expected))
  },

  signer_fallback: ({ input, expected }) => {
    expect(new Signer(signerOptions(input)).unsign(input.signed)).toEqual(outcome(expected))
  },

  signer_bad_sep: ({ input: { sep } }) => {
    expect(thrown(() => new Signer({ secretKey: 'x', separator: sep }))).toBe('OPTION_INVALID')
  },

  timestamp_signer: ({ input, expected: { signed } }) => {
    expect(new TimestampSigner(signerOptions(input)).sign(input.value, { now: ms(input.time) })).toBe(signed)
  },

  timestamp_unsign: ({ input, expected }) => {
    const { signed, max_age, time } = input
    const read = new TimestampSigner(signerOptions(input)).unsign(signed, {
      maxAge: max_age ?? undefined,
      now: ms(time),
    })
    expect(read).toEqual(outcome(expected))
  },

  dumps: ({ input, given: value, expected: { json, signed, is_compressed } }) => {
    const options = { ...secretsOf(input), salt: input.salt, now: ms(input.time), compress: input.compress }
    if (json) expect(writePythonJson(value)).toBe(json)
    expectSameText(dumps(value, options), signed)
    expect(signed.startsWith('.')).toBe(is_compressed)
    const read = loads(signed, options)
    expect(read).toEqual({ ok: true, value: asRead(value) })
  },

  session_encode: ({ input, given: value, expected: { json, session_data } }) => {
    const options = { ...secretsOf(input), salt: input.key_salt, now: ms(input.time) }
    if (json) expect(writePythonJson(value)).toBe(json)
    expectSameText(encodeSession(value, options), session_data)
    const read = decodeSession(session_data, options)
    expect(read).toEqual({ ok: true, value: asRead(value) })
  },

  session_decode: ({ django, input, expected: { ok, log } }) => {
    const read = decodeSession(input.session_data, { ...secretsOf(input), legacy: django.startsWith('3.') })
    expect(read.ok ? toPlain(read.value) : {}).toEqual(ok)
    if (log.length > 0) expect(read).toEqual({ ok: false, why: 'bad-signature' })
  },

  session_encode_legacy_pre31: ({ input, expected: { session_data } }) => {
    const read = decodeSession(session_data, { ...secretsOf(input), legacy: true })
    expect(read.ok && toPlain(read.value)).toEqual(input.session)
    expect(decodeSession(session_data, secretsOf(input)).ok).toBe(false)
  },

  db_row: ({ input, given: value, expected: { session_data, expire_date_sqlite_raw } }) => {
    expect(decodeSession(session_data, secretsOf(input))).toEqual({ ok: true, value })
    const expiry = djangoExpiry((value as Dict).get('_session_expiry'), { savedAt: ms(input.time) })
    expect(expiry && sqliteDate(expiry.endsAt)).toBe(expire_date_sqlite_raw)
    expectSameText(encodeSession(value, { ...secretsOf(input), now: ms(input.time) }), session_data)
  },

  file_session: ({ input, given: value, expected: { file_name, contents } }) => {
    expect(sessionFileName(input.session_key, input.SESSION_COOKIE_NAME)).toBe(file_name)
    expect(decodeSession(contents, secretsOf(input))).toEqual({ ok: true, value })
    expectSameText(encodeSession(value, { ...secretsOf(input), now: ms(input.time) }), contents)
  },

  signed_cookies_session: ({ input, given: value, expected: { cookie_value } }) => {
    const options = { ...secretsOf(input), salt: signedCookiesSalt, now: ms(input.time) }
    expect(decodeSession(cookie_value, { ...options, maxAge: 1_209_600 })).toEqual({ ok: true, value })
    expectSameText(encodeSession(value, options), cookie_value)
    const later = { ...options, now: options.now + ms(1_209_601), maxAge: 1_209_600 }
    expect(decodeSession(cookie_value, later)).toEqual({ ok: false, why: 'expired' })
  },

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

/** What a value is after JSON: its keys are text. */
function asRead(value: PythonValue): PythonValue {
  return readPythonJson(writePythonJson(value)) as PythonValue
}
