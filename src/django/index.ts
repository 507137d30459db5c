/**
 * Reads and writes what a Django site reads and writes, without Django: `djangoSessions` and `djangoUsers` share sessions and
 * accounts with a running site, the others are the formats that they are made of.
 *
 * @module
 */

export { djangoArgon2 } from '../auth/passwords/formats/argon2.ts'
export { djangoBcryptSha256 } from '../auth/passwords/formats/bcrypt.ts'
export { djangoPbkdf2 } from '../auth/passwords/formats/pbkdf2.ts'
export { djangoScrypt } from '../auth/passwords/formats/scrypt.ts'
export { isSafeNext, type SafeNextOptions } from '../auth/safe-next.ts'
export {
  type MemcachedValue,
  readMemcachedValue,
  readRedisValue,
  writeMemcachedValue,
  writeRedisValue,
} from './cache-value.ts'
export { type CsrfRequest, type CsrfSettings, csrfFault } from './csrf-check.ts'
export {
  createCsrfSecret,
  csrfCookie,
  csrfTokenFault,
  csrfTokenMatches,
  maskCsrfSecret,
  unmaskCsrfToken,
} from './csrf-token.ts'
export {
  type DjangoLoggedIn,
  type DjangoLoginOptions,
  djangoAuthHash,
  djangoLogin,
  djangoPasswordChanged,
  djangoUser,
  type LoginSession,
} from './login.ts'
export { normalizeEmail, normalizeUsername } from './normalize.ts'
export { parseDjangoCookies } from './parse-cookie.ts'
export { toPlain, withTypesOf } from './plain-value.ts'
export { readPythonJson } from './python-json-read.ts'
export { writePythonJson } from './python-json-write.ts'
export { readPickle } from './python-pickle-read.ts'
export { writePickle } from './python-pickle-write.ts'
export { type PythonDict, PythonFloat, type PythonKey, PythonTuple, type PythonValue } from './python-value.ts'
export {
  checkResetToken,
  createResetToken,
  type ResetCheck,
  type ResetOptions,
  type ResetUser,
  uidBase64,
} from './reset-token.ts'
export { type DjangoSecrets, type HashAlgorithm, type Secret, saltedHmac } from './salted-hmac.ts'
export {
  authKeys,
  checkSessionAuthHash,
  type LoginPlan,
  type LoginUser,
  planLogin,
  sessionAuthHash,
} from './session-auth.ts'
export { decodeSession, encodeSession, type SessionReading, signedCookiesSalt } from './session-data.ts'
export { type DjangoExpiry, djangoExpiry, type ExpirySettings, expiryKey } from './session-expiry.ts'
export {
  type CacheKeyOptions,
  createSessionKey,
  isSessionKey,
  sessionCacheKey,
  sessionFileName,
} from './session-key.ts'
export type { DjangoCache } from './sessions/cache.ts'
export { cachedDbEngine, cacheEngine } from './sessions/cache-engine.ts'
export { dbEngine } from './sessions/db-engine.ts'
export { type DjangoSessionsOptions, djangoSessions } from './sessions/django-sessions.ts'
export type { DjangoEngine, DjangoSettings, OpenEngine } from './sessions/engine.ts'
export { fileEngine } from './sessions/file-engine.ts'
export { type DjangoMemcachedClient, memcachedCache, picklesInMemcached } from './sessions/memcached-cache.ts'
export type { SessionText } from './sessions/record-format.ts'
export { type DjangoRedisClient, redisCache } from './sessions/redis-cache.ts'
export type { DbEngineOptions } from './sessions/session-rows.ts'
export { signedCookiesEngine } from './sessions/signed-cookies-engine.ts'
export { type DjangoCookieOptions, djangoDeleteCookie, djangoSetCookie } from './set-cookie.ts'
export { type SignedCookieOptions, type SignedCookieReading, signCookie, unsignCookie } from './signed-cookie.ts'
export { type DumpOptions, dumps, type LoadOptions, loads } from './signed-object.ts'
export {
  type AgeLimit,
  Signer,
  type SignerOptions,
  type SigningTime,
  TimestampSigner,
  type Verified,
} from './signer.ts'
export { type DjangoUsersOptions, djangoUsers } from './users/django-users.ts'
