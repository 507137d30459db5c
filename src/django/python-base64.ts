const proper = /^[A-Za-z0-9_-]*$/

/**
 * The bytes of URL-safe base64 without its padding; undefined if they are not whole. Matches `django.core.signing.b64_decode`, for
 * which what is no letter of the alphabet is not there, but counts where the padding is made up.
 */
export function decodeBase64Url(text: string): Buffer | undefined {
  if (proper.test(text)) return text.length % 4 === 1 ? undefined : Buffer.from(text, 'base64url')
  const missing = (4 - (Buffer.byteLength(text) % 4)) % 4
  return decodeBase64(text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat(missing))
}

/** Other characters are skipped, and so is all after the padding. Matches Python's `binascii.a2b_base64`. */
function decodeBase64(text: string): Buffer | undefined {
  let letters = ''
  for (const [, run = '', { length: pads } = ''] of text.replace(/[^A-Za-z0-9+/=]/g, '').matchAll(/([^=]*)(=*)/g)) {
    letters += run
    const over = letters.length % 4
    if (over >= 2 && over + pads >= 4) return Buffer.from(letters, 'base64')
  }
  return letters.length % 4 === 0 ? Buffer.from(letters, 'base64') : undefined
}
