import { readPythonJson } from './python-json-read.ts'
import { defaultMaxBytes, type PythonValue } from './python-value.ts'
import { constantTimeEqual, type DjangoSecrets, saltedHmac, verifyingKeys } from './salted-hmac.ts'
import { type DumpOptions, dumps, isTooLong, type LoadOptions, loads } from './signed-object.ts'
import type { SigningTime, Verified } from './signer.ts'

/** How a session's text is read. */
export interface SessionReading extends DjangoSecrets, Pick<LoadOptions, 'maxAge' | 'now' | 'maxBytes'> {
  /** `SessionStore.key_salt`. A store class of another name has another. @default 'django.contrib.sessions.SessionStore' */
  readonly salt?: string
  /** Also reads what Django wrote before 3.1, as Django up to 3.2 does. Nothing is written so. @default false */
  readonly legacy?: boolean
}

/** The salt of the engine `signed_cookies`, where the cookie holds the whole session. */
export const signedCookiesSalt = 'django.contrib.sessions.backends.signed_cookies'

const storedSalt = 'django.contrib.sessions.SessionStore'

/** The text of column `session_data`, of a session file, and with `signedCookiesSalt` of the cookie. Matches `SessionBase.encode`. */
export function encodeSession(
  data: PythonValue,
  options: DjangoSecrets & SigningTime & Pick<DumpOptions, 'maxBytes'> & { readonly salt?: string },
): string {
  return dumps(data, { ...options, salt: options.salt ?? storedSalt, compress: true })
}

/**
 * What a session's text holds: a dict, if it is a session. Never throws, whatever the text. Matches `SessionBase.decode`,
 * which makes an empty session of both a bad signature and corrupt data.
 */
export function decodeSession(text: string, options: SessionReading): Verified<PythonValue> {
  const { legacy = false, salt = storedSalt } = options
  const read = loads(text, { ...options, salt })
  return !read.ok && read.why !== 'expired' && legacy ? decodeLegacy(text, options) : read
}

/** Before 3.1: base64 of `hash:json`. Matches `SessionBase._legacy_decode` of Django 3.2. */
function decodeLegacy(text: string, options: SessionReading): Verified<PythonValue> {
  const { maxBytes = defaultMaxBytes } = options
  // What is written since then has a colon, and is not looked at twice.
  if (isTooLong(text, maxBytes) || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return { ok: false, why: 'bad-signature' }
  const bytes = Buffer.from(text, 'base64')
  const colon = bytes.indexOf(':')
  const [hash, json] = [bytes.subarray(0, colon).toString('latin1'), bytes.subarray(colon + 1)]
  const sign = (key: string | Uint8Array): string =>
    saltedHmac('django.contrib.sessionsSessionStore', json, key, 'sha1').toString('hex')
  if (!verifyingKeys(options).some(key => constantTimeEqual(hash, sign(key))))
    return { ok: false, why: 'bad-signature' }
  const value = readPythonJson(json.toString('latin1'), maxBytes)
  return value === undefined ? { ok: false, why: 'corrupt' } : { ok: true, value }
}
