import { randomBytes } from 'node:crypto'

const alphanumerics = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Random text as `django.utils.crypto.get_random_string` makes it: each character as likely as any other. */
export function randomText(length: number, alphabet: string = alphanumerics): string {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}
