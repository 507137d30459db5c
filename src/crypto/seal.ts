import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto'
import type { KeyRing } from './key-ring.ts'
import { checkText, type Opened } from './opened.ts'
import { perRing } from './per-ring.ts'
import { publicRandomBytes } from './public-random.ts'
import { headLength, SeriesKeys } from './series-keys.ts'

/** Seals texts for one purpose and one cookie name. Nobody without the secret can read a sealed value, or make one. */
export interface Sealer {
  /** `v1.<key id>.<series>.<box>`, of characters that a cookie's value may have. @throws VALUE_INVALID for half a surrogate pair */
  seal(text: string): string
  /** The text that was sealed; null for every other value, whatever is wrong with it. Never throws. */
  open(value: string): Opened | null
}

/** The sealer of this ring for values of one purpose under one cookie name. No other opens what it seals. */
export const sealer: (ring: KeyRing, purpose: string, name: string) => Sealer = perRing((ring, purpose, name) =>
  sealerWith(publicRandomBytes, ring, purpose, name),
)

const cipher = 'aes-256-gcm'
const nonceLength = 12
const tagLength = 16
/** Without this, Node takes a tag of 4 bytes for a whole one, and 4 bytes can be guessed. */
const fullTag = { authTagLength: tagLength }

/** A sealer that takes its nonces and series from `random`: for test vectors. Everything else wants `sealer`. */
export function sealerWith(random: (size: number) => Buffer, ring: KeyRing, purpose: string, name: string): Sealer {
  const keys = new SeriesKeys(ring, purpose, name)
  return {
    seal(text) {
      checkText(text)
      const { head, key } = keys.next(random)
      return head + encrypt(key, random(nonceLength), text).toString('base64url')
    },
    open(value) {
      const series = keys.find(value.slice(0, headLength))
      if (!series) return null
      const text = decrypt(series.key, value.slice(headLength))
      if (text === null) return null
      keys.remember(series)
      return { text, current: series.current }
    },
  }
}

/** Nonce, ciphertext, tag. What the value is for is not in the associated data, because the key is already of that alone. */
function encrypt(key: KeyObject, nonce: Buffer, text: string): Buffer {
  const encryption = createCipheriv(cipher, key, nonce, fullTag)
  const ciphertext = encryption.update(text, 'utf8')
  encryption.final()
  return Buffer.concat([nonce, ciphertext, encryption.getAuthTag()])
}

function decrypt(key: KeyObject, box: string): string | null {
  const bytes = Buffer.from(box, 'base64url')
  // Node skips what is not base64url and ignores loose bits at the end: only the one spelling of these bytes will do.
  if (bytes.length < nonceLength + tagLength || bytes.toString('base64url') !== box) return null
  const tagAt = bytes.length - tagLength
  const decryption = createDecipheriv(cipher, key, part(bytes, 0, nonceLength), fullTag)
  decryption.setAuthTag(part(bytes, tagAt, bytes.length))
  const text = decryption.update(part(bytes, nonceLength, tagAt))
  try {
    decryption.final()
  } catch {
    return null
  }
  return text.toString()
}

/** Some bytes, not copied. `subarray` does the same, at a tenth of the whole time to open a value. */
function part(bytes: Buffer, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + from, to - from)
}
