const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A whole number in base 62, as Django writes times. Matches `django.core.signing.b62_encode`. */
export function toBase62(value: number): string {
  if (value < 0) return `-${toBase62(-value)}`
  const rest = Math.floor(value / 62)
  return (rest > 0 ? toBase62(rest) : '') + alphabet[value % 62]
}

/** The number; undefined if the text is none, or is too long for a time. Matches `b62_decode`. */
export function fromBase62(text: string): number | undefined {
  if (!/^-?[0-9A-Za-z]{1,8}$/.test(text)) return undefined
  const digits = text.startsWith('-') ? text.slice(1) : text
  let value = 0
  for (const digit of digits) value = value * 62 + alphabet.indexOf(digit)
  return text.startsWith('-') ? -value : value
}
