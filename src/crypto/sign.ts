import { createHmac, type KeyObject } from 'node:crypto'
import { isSameText } from './compare.ts'
import { deriveKey } from './derive-key.ts'
import { type KeyRing, keysOf, type RingKey } from './key-ring.ts'
import { labels } from './labels.ts'
import { checkText, type Opened } from './opened.ts'
import { perRing } from './per-ring.ts'

/** Signs texts for one purpose and one cookie name. Everyone can read a signed value; nobody without the secret can make one. */
export interface Signer {
  /** `v1.<key id>.<text>.<mac>`, of characters that a cookie's value may have. @throws VALUE_INVALID for half a surrogate pair */
  sign(text: string): string
  /** The text that was signed; null for every other value, whatever is wrong with it. Never throws. */
  verify(value: string): Opened | null
}

/** The signer of this ring for values of one purpose under one cookie name. No other accepts what it signs. */
export const signer: (ring: KeyRing, purpose: string, name: string) => Signer = perRing(makeSigner)

interface SigningKey {
  /** What each value under this key begins with. */
  readonly head: string
  readonly key: KeyObject
  readonly current: boolean
}

/** `v1.`, the key id, a dot. */
const headLength = 12
/** A dot and HMAC-SHA-256 in base64url. */
const macLength = 44

function makeSigner(ring: KeyRing, purpose: string, name: string): Signer {
  const signingKey = ({ id, secret, current }: RingKey): SigningKey => ({
    head: `v1.${id}.`,
    key: deriveKey(secret, labels.sign, purpose, name),
    current,
  })
  const [newest, ...older] = keysOf(ring)
  const first = signingKey(newest)
  const byHead = new Map([first, ...older.map(signingKey)].map(key => [key.head, key]))
  return {
    sign(text) {
      checkText(text)
      const signed = first.head + Buffer.from(text).toString('base64url')
      return `${signed}.${mac(first.key, signed)}`
    },
    verify(value) {
      const found = byHead.get(value.slice(0, headLength))
      const end = value.length - macLength
      if (!found || end < headLength) return null
      const signed = value.slice(0, end)
      if (!isSameText(value.slice(end), `.${mac(found.key, signed)}`)) return null
      // The characters are what is signed, so there is no second spelling to look for.
      return { text: Buffer.from(signed.slice(headLength), 'base64url').toString(), current: found.current }
    },
  }
}

function mac(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}
