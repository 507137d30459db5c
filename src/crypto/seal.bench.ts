// What it costs to open and to seal, beside the ciphers themselves and beside iron-session. Run it with Node:
//   node src/crypto/seal.bench.ts
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { gcmsiv } from '@noble/ciphers/aes.js'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { sealData, unsealData } from 'iron-session'
import { keyRing } from './key-ring.ts'
import { sealer } from './seal.ts'
import { sideBySide } from './side-by-side.bench.ts'

const secret = randomBytes(32).toString('base64url')
const ours = sealer(keyRing(secret), 'bench', 'session')
/** As in another process: what it opens is not of its own series. */
const reader = sealer(keyRing(secret), 'bench', 'session')
const raw = randomBytes(32)
const key = createSecretKey(raw)
const tag = { authTagLength: 16 }

/** A session of about this many bytes as JSON. */
function sessionOf(size: number): Record<string, unknown> {
  const cart = Array.from({ length: Math.ceil(size / 40) }, (_, i) => ({ id: 1000 + i, name: `item number ${i}` }))
  while (cart.length > 1 && JSON.stringify({ user: 'u1', cart }).length > size) cart.pop()
  return { user: 'u1', cart, pad: 'x'.repeat(Math.max(0, size - 9 - JSON.stringify({ user: 'u1', cart }).length)) }
}

type NodeCipher = 'aes-256-gcm' | 'chacha20-poly1305'

function encrypt(cipher: NodeCipher, text: string): { nonce: Buffer; box: Buffer; tag: Buffer } {
  const nonce = randomBytes(12)
  // The two names have declarations of their own, which take no union of both.
  const encryption = createCipheriv(cipher as 'aes-256-gcm', key, nonce, tag)
  const box = encryption.update(text, 'utf8')
  encryption.final()
  return { nonce, box, tag: encryption.getAuthTag() }
}

/** Bytes in, bytes out: nothing is encoded or checked. */
function decrypt(cipher: NodeCipher, by: typeof key | Buffer, value: ReturnType<typeof encrypt>): Buffer {
  const decryption = createDecipheriv(cipher as 'aes-256-gcm', by, value.nonce, tag)
  decryption.setAuthTag(value.tag)
  const text = decryption.update(value.box)
  decryption.final()
  return text
}

/** What a program writes by hand: from the cookie's text to the session's, nothing checked but the tag. */
function decryptText(value: string): string {
  const bytes = Buffer.from(value, 'base64url')
  const decryption = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), tag)
  decryption.setAuthTag(bytes.subarray(-16))
  const text = decryption.update(bytes.subarray(12, -16))
  decryption.final()
  return text.toString()
}

for (const size of [100, 1024, 4096]) {
  const data = sessionOf(size)
  const text = JSON.stringify(data)
  const bytes = Buffer.from(text)
  const gcm = encrypt('aes-256-gcm', text)
  const chacha = encrypt('chacha20-poly1305', text)
  const byHand = Buffer.concat([gcm.nonce, gcm.box, gcm.tag]).toString('base64url')
  const nonce24 = randomBytes(24)
  const xchacha = xchacha20poly1305(raw, nonce24).encrypt(bytes)
  const siv = gcmsiv(raw, gcm.nonce).encrypt(bytes)
  const sealed = ours.seal(text)
  const iron = await sealData(data, { password: secret })

  await sideBySide(`open ${text.length} bytes`, {
    'AES-256-GCM, node:crypto, a KeyObject, bytes': () => decrypt('aes-256-gcm', key, gcm),
    'AES-256-GCM, node:crypto, a KeyObject, text to text': () => decryptText(byHand),
    'sealer.open': () => reader.open(sealed),
    'sealer.open and JSON.parse': () => JSON.parse(reader.open(sealed)?.text ?? ''),
    'iron-session 9, unsealData': () => unsealData(iron, { password: secret }),
    'AES-256-GCM, node:crypto, a key of bytes': () => decrypt('aes-256-gcm', raw, gcm),
    'ChaCha20-Poly1305, node:crypto, a KeyObject': () => decrypt('chacha20-poly1305', key, chacha),
    'ChaCha20-Poly1305, node:crypto, a key of bytes': () => decrypt('chacha20-poly1305', raw, chacha),
    'XChaCha20-Poly1305, @noble/ciphers': () => xchacha20poly1305(raw, nonce24).decrypt(xchacha),
    'AES-256-GCM-SIV, @noble/ciphers': () => gcmsiv(raw, gcm.nonce).decrypt(siv),
  })
  await sideBySide(`seal ${text.length} bytes`, {
    'AES-256-GCM, node:crypto, a KeyObject, a fresh nonce': () => encrypt('aes-256-gcm', text),
    'sealer.seal': () => ours.seal(text),
    'iron-session 9, sealData': () => sealData(data, { password: secret }),
    'ChaCha20-Poly1305, node:crypto, a KeyObject': () => encrypt('chacha20-poly1305', text),
    'XChaCha20-Poly1305, @noble/ciphers': () => xchacha20poly1305(raw, randomBytes(24)).encrypt(bytes),
    'AES-256-GCM-SIV, @noble/ciphers': () => gcmsiv(raw, randomBytes(12)).encrypt(bytes),
  })
}
