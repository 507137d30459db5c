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
  try {
    return strict.decode(bytes)
  } catch {
    return decodeWithSurrogates(bytes)
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function threeBytes(surrogate: string): Buffer {
  const code = surrogate.charCodeAt(0)
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
}

/** A surrogate is ED, then A0 to BF, then 80 to BF; no other text has ED before A0 or more. */
function decodeWithSurrogates(bytes: Uint8Array): string | undefined {
  const parts: string[] = []
  let start = 0
  try {
    for (let at = 0; at + 2 < bytes.length; at++) {
      if (bytes[at] !== 0xed) continue
      const [second = 0, third = 0] = [bytes[at + 1], bytes[at + 2]]
      if (second < 0xa0 || second > 0xbf || third >> 6 !== 2) continue
      if (start < at) parts.push(strict.decode(bytes.subarray(start, at)))
      parts.push(String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f)))
      start = at + 3
      at += 2
    }
    return parts.join('') + strict.decode(bytes.subarray(start))
  } catch {
    return undefined
  }
}
