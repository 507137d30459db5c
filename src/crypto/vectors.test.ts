import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyRing } from './key-ring.ts'
import { sealer, sealerWith } from './seal.ts'
import { signer } from './sign.ts'

interface Vector {
  readonly purpose: string
  readonly name: string
  readonly text: string
  readonly value: string
}

interface Vectors {
  readonly secret: string
  readonly keyId: string
  readonly signed: readonly Vector[]
  readonly sealed: readonly (Vector & { readonly series: string; readonly nonce: string })[]
}

/** Frozen. A change that needs another line here locks every visitor out: make a version 2 instead. */
const vectors: Vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8'))
const ring = keyRing(vectors.secret)
const hex = (text: string): Buffer<ArrayBuffer> => Buffer.from(text, 'hex')

describe('values made today are those made before (CVE-2026-40372)', () => {
  it.each(vectors.signed)('signed: $purpose, $name, $text', ({ purpose, name, text, value }) => {
    expect(signer(ring, purpose, name).sign(text)).toBe(value)
    expect(signer(ring, purpose, name).verify(value)).toEqual({ text, current: true })
  })

  it.each(vectors.sealed)('sealed: $purpose, $name, $text', ({ purpose, name, text, series, nonce, value }) => {
    const drawn = [hex(series), hex(nonce)]
    const asked: number[] = []
    const draw = (size: number): Buffer => {
      asked.push(size)
      return drawn.shift() ?? Buffer.alloc(0)
    }
    expect(sealerWith(draw, ring, purpose, name).seal(text)).toBe(value)
    expect(asked).toEqual([12, 12])
    expect(sealer(ring, purpose, name).open(value)).toEqual({ text, current: true })
  })
})

// The second implementation: of WebCrypto alone, after docs/crypto.md, with nothing of ours in it.

const { subtle } = globalThis.crypto
const utf8 = new TextEncoder()
const base64url = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('base64url')

async function hkdf(info: string, bytes: number): Promise<ArrayBuffer> {
  const secret = await subtle.importKey('raw', utf8.encode(vectors.secret), 'HKDF', false, ['deriveBits'])
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8.encode(info) }
  return subtle.deriveBits(how, secret, bytes * 8)
}

describe('another implementation, of the format document, agrees', () => {
  it('on the key id', async () => {
    expect(base64url(await hkdf('keepsake v1 key id', 6))).toBe(vectors.keyId)
  })

  it.each(vectors.signed)('on what is signed: $purpose, $name, $text', async ({ purpose, name, text, value }) => {
    const raw = await hkdf(`keepsake v1 sign\0${purpose}\0${name}`, 32)
    const key = await subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    const signed = `v1.${vectors.keyId}.${base64url(utf8.encode(text).buffer)}`
    expect(`${signed}.${base64url(await subtle.sign('HMAC', key, utf8.encode(signed)))}`).toBe(value)
  })

  it.each(vectors.sealed)('on what is sealed: $purpose, $name, $text', async vector => {
    const { purpose, name, text, value, nonce } = vector
    const series = base64url(new Uint8Array(hex(vector.series)).buffer)
    const raw = await hkdf(`keepsake v1 seal\0${purpose}\0${name}\0${series}`, 32)
    const key = await subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
    const box = await subtle.encrypt({ name: 'AES-GCM', iv: hex(nonce), tagLength: 128 }, key, utf8.encode(text))
    const whole = Buffer.concat([hex(nonce), Buffer.from(box)]).toString('base64url')
    expect(`v1.${vectors.keyId}.${series}.${whole}`).toBe(value)
  })
})
