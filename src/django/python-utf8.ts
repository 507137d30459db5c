import { isUtf8 } from 'node:buffer'

/**
 * Text as a pickle holds it: UTF-8 with "surrogatepass", that is, with lone surrogates written as three bytes, which UTF-8
 * proper does not allow. Python's `str` can hold them, since JSON can.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8')
  const parts = Array.from(text, character =>
    character.isWellFormed() ? Buffer.from(character) : threeBytes(character),
  )
  return Buffer.concat(parts)
}

/** The text of such bytes; undefined if they are none. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (isUtf8(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  const points: number[] = []
  for (let at = 0; at < bytes.length; at += widthAt(bytes, at, bytes.length)) {
    const point = pointAt(bytes, at, widthAt(bytes, at, bytes.length))
    if (point === undefined) return undefined
    points.push(point)
  }
  return points.map(point => String.fromCodePoint(point)).join('')
}

/** Whether `decodeUtf8` would give a text of this part of the bytes. Makes nothing. */
export function holdsUtf8(bytes: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; ) {
    const width = widthAt(bytes, at, end)
    if (width === 0) return false
    at += width
  }
  return true
}

/** How many bytes the character at this place has; 0 if there is none. */
function widthAt(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const width = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (first < 0xc2 || first > 0xf4 || at + width > end) return 0
  const second = bytes[at + 1] ?? 0
  // Each character has one spelling, and the last of all is U+10FFFF.
  if ((first === 0xe0 && second < 0xa0) || (first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f))
    return 0
  for (let i = 1; i < width; i++) if ((bytes[at + i] ?? 0) >> 6 !== 2) return 0
  return width
}

function pointAt(bytes: Uint8Array, at: number, width: number): number | undefined {
  const first = bytes[at] ?? 0
  if (width < 2) return width === 1 ? first : undefined
  let point = first & (0x7f >> width)
  for (let i = 1; i < width; i++) point = (point << 6) | ((bytes[at + i] ?? 0) & 0x3f)
  return point
}

function threeBytes(surrogate: string): Buffer {
  const code = surrogate.charCodeAt(0)
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
}
