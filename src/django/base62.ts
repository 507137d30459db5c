const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A whole number in base 62, as Django writes times. Matches `django.core.signing.b62_encode`. */
export function toBase62(value: number): string {
  if (value < 0) return `-${toBase62(-value)}`
  const rest = Math.floor(value / 62)
  return (rest > 0 ? toBase62(rest) : '') + alphabet[value % 62]
}

/** More letters than this are more than a number can be. */
const longest = 170

/** The number, rounded where it is beyond 2^53; undefined if the text is none. Matches `b62_decode`. */
export function fromBase62(text: string): number | undefined {
  if (text.length === 0 || text.length > longest || !/^-?[0-9A-Za-z]*$/.test(text)) return undefined
  const digits = text.startsWith('-') ? text.slice(1) : text
  let value = 0
  for (const digit of digits) value = value * 62 + alphabet.indexOf(digit)
  return text.startsWith('-') ? -value : value
}
