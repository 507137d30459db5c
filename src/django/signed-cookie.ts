import { type DjangoSecrets, type Secret, verifyingKeys } from './salted-hmac.ts'
import { type AgeLimit, type SigningTime, TimestampSigner, type Verified } from './signer.ts'

/** What a signed cookie's signature covers beside its value. */
export interface SignedCookieOptions extends DjangoSecrets {
  /** The `salt` argument of Django's `set_signed_cookie`. @default '' */
  readonly salt?: string
  /**
   * `v2` is what Django writes since the security releases of 5.2; `classic` is what it wrote before, and what 3.2 and
   * 4.2 still write: there the name `a` with salt `bc` and the name `ab` with salt `c` are the same. @default 'v2'
   */
  readonly format?: 'v2' | 'classic'
}

/** How a signed cookie is read. */
export interface SignedCookieReading extends SignedCookieOptions, AgeLimit {
  /** Also reads the classic format: Django's setting `SIGNED_COOKIE_LEGACY_SALT_FALLBACK`. @default true */
  readonly classicFallback?: boolean
}

/** The cookie value that Django's `get_signed_cookie(name)` takes. Matches `HttpResponse.set_signed_cookie`. */
export function signCookie(name: string, value: string, options: SignedCookieOptions & SigningTime): string {
  return cookieSigner(name, options, options.format ?? 'v2').sign(value, options)
}

/** The value of a cookie that Django signed. Never throws, whatever the text. Matches `HttpRequest.get_signed_cookie`. */
export function unsignCookie(name: string, signed: string, options: SignedCookieReading): Verified<string> {
  const { format = 'v2', classicFallback = true } = options
  const read = cookieSigner(name, options, format).unsign(signed, options)
  if (read.ok || read.why !== 'bad-signature' || format === 'classic' || !classicFallback) return read
  return cookieSigner(name, options, 'classic').unsign(signed, options)
}

function cookieSigner(name: string, options: SignedCookieOptions, format: 'v2' | 'classic'): TimestampSigner {
  const { salt = '' } = options
  const [secretKey = '', ...fallbacks] = verifyingKeys(options).map(cookieKey)
  // Python counts code points.
  const v2 = `django.http.cookies.v2:${[...salt].length}:${salt}${name}`
  return new TimestampSigner({ secretKey, fallbacks, salt: format === 'v2' ? v2 : name + salt })
}

function cookieKey(key: Secret): Secret {
  return Buffer.concat([Buffer.from('django.http.cookies'), Buffer.from(key)])
}
