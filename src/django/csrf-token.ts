import { randomText } from './random-text.ts'
import { constantTimeEqual } from './salted-hmac.ts'
import { type DjangoCookieOptions, djangoSetCookie } from './set-cookie.ts'

const characters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const secretLength = 32

/** A new CSRF secret: what Django's cookie `csrftoken`, or the session's `_csrftoken`, holds. */
export function createCsrfSecret(): string {
  return randomText(secretLength)
}

/**
 * A token for a form, another one at each call, so that a compressed page does not give the secret away (BREACH). Matches
 * `django.middleware.csrf._mask_cipher_secret`.
 */
export function maskCsrfSecret(secret: string, mask: string = createCsrfSecret()): string {
  return mask + combine(secret, mask, (a, b) => a + b)
}

/** The secret in a token of a form; a bare secret is itself. Only for what `csrfTokenFault` found nothing wrong with. */
export function unmaskCsrfToken(token: string): string {
  if (token.length !== 2 * secretLength) return token
  return combine(token.slice(secretLength), token.slice(0, secretLength), (a, b) => a - b + characters.length)
}

/** What is wrong with the shape of a token or a secret, in Django's words, or null. Matches `_check_token_format`. */
export function csrfTokenFault(token: string): string | null {
  // Python counts code points; what is too long in any case is not counted.
  const length = token.length > 4 * secretLength ? token.length : [...token].length
  if (length !== secretLength && length !== 2 * secretLength) return 'has incorrect length'
  return /^[a-zA-Z0-9]*$/.test(token) ? null : 'has invalid characters'
}

/** Whether a token that a request brought, masked or bare, is of this secret. Never throws. Matches `_does_token_match`. */
export function csrfTokenMatches(token: string, secret: string): boolean {
  if (csrfTokenFault(token) || csrfTokenFault(secret)) return false
  return constantTimeEqual(unmaskCsrfToken(token), unmaskCsrfToken(secret))
}

/** The `Set-Cookie` line of the CSRF secret, with Django's defaults. */
export function csrfCookie(secret: string, options: DjangoCookieOptions & { readonly name?: string } = {}): string {
  return djangoSetCookie(options.name ?? 'csrftoken', secret, { maxAge: 31_449_600, sameSite: 'Lax', ...options })
}

function combine(text: string, mask: string, sum: (a: number, b: number) => number): string {
  const numbers = Array.from(text, (character, i) =>
    sum(characters.indexOf(character), characters.indexOf(mask[i] ?? '')),
  )
  return numbers.map(number => characters[number % characters.length]).join('')
}
