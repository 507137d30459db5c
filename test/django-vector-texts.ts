import { expect } from 'vitest'
import { fromBase62, toBase62 } from '../src/django/base62.ts'
import { toPlain } from '../src/django/plain-value.ts'
import { readPythonJson } from '../src/django/python-json-read.ts'
import { writePythonJson } from '../src/django/python-json-write.ts'
import type { PythonValue } from '../src/django/python-value.ts'
import { decodeSession, encodeSession, signedCookiesSalt } from '../src/django/session-data.ts'
import { djangoExpiry, sqliteDate } from '../src/django/session-expiry.ts'
import { sessionFileName } from '../src/django/session-key.ts'
import { dumps, loads } from '../src/django/signed-object.ts'
import { Signer, TimestampSigner } from '../src/django/signer.ts'
import {
  type Checks,
  type Dict,
  expectSameText,
  type Fields,
  ms,
  outcome,
  secretsOf,
  thrown,
} from './django-vector-parts.ts'

/** Signing, and the texts of sessions. */
export const textChecks: Checks = {
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
}

function signerOptions(input: Fields): ConstructorParameters<typeof Signer>[0] {
  const { salt, sep, algorithm } = input
  return { ...secretsOf(input), salt, ...(sep && { separator: sep }), ...(algorithm && { algorithm }) }
}

/** What a value is after JSON: its keys are text. */
function asRead(value: PythonValue): PythonValue {
  return readPythonJson(writePythonJson(value)) as PythonValue
}
