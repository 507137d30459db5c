// What it costs to verify and to sign, beside HMAC itself and beside cookie-session and its keygrip. Run it with Node:
//   node src/crypto/sign.bench.ts
import { createHmac, createSecretKey, hash, randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { keyRing } from './key-ring.ts'
import { sideBySide } from './side-by-side.bench.ts'
import { signer } from './sign.ts'

interface Keygrip {
  sign(text: string): string
  verify(text: string, mac: string): boolean
}

// cookie-session brings keygrip along, in the version that it uses. Neither declares its types.
const inCookieSession = createRequire(createRequire(import.meta.url).resolve('cookie-session'))
const createKeygrip: (keys: string[]) => Keygrip = createRequire(inCookieSession.resolve('cookies'))('keygrip')

const secret = randomBytes(32).toString('base64url')
const ours = signer(keyRing(secret), 'bench', 'session')
const keygrip = createKeygrip([secret])
const raw = Buffer.from(secret)
const key = createSecretKey(raw)

/** HMAC of two one-shot hashes: what `createHmac` does, by hand. */
const scratch = Buffer.alloc(64 + 8192, 0x36)
const outer = Buffer.alloc(96, 0x5c)
raw.forEach((byte, i) => {
  scratch.writeUInt8(byte ^ 0x36, i)
  outer.writeUInt8(byte ^ 0x5c, i)
})
function hmacByHand(text: string): string {
  const end = 64 + scratch.write(text, 64)
  outer.set(hash('sha256', scratch.subarray(0, end), 'buffer'), 64)
  return hash('sha256', outer, 'base64url')
}

for (const size of [100, 1024, 4096]) {
  const data = {
    user: 'u1',
    text: randomBytes(size)
      .toString('base64')
      .slice(0, size - 23),
  }
  const text = JSON.stringify(data)
  const signed = ours.sign(text)
  const base64 = Buffer.from(text).toString('base64')
  const cookie = `session=${base64}`
  const mac = keygrip.sign(cookie)

  await sideBySide(`verify ${text.length} bytes`, {
    'cookie-session 2: keygrip, base64, JSON.parse': () =>
      keygrip.verify(cookie, mac) && JSON.parse(Buffer.from(base64, 'base64').toString('utf8')),
    'signer.verify and JSON.parse': () => JSON.parse(ours.verify(signed)?.text ?? ''),
    'signer.verify': () => ours.verify(signed),
    'HMAC-SHA-256, createHmac with a KeyObject': () => createHmac('sha256', key).update(signed).digest('base64url'),
    'HMAC-SHA-256, createHmac with a key of bytes': () => createHmac('sha256', raw).update(signed).digest('base64url'),
    'HMAC-SHA-256, by hand of two crypto.hash': () => hmacByHand(signed),
  })
  await sideBySide(`sign ${text.length} bytes`, {
    'cookie-session 2: JSON.stringify, base64, keygrip': () =>
      keygrip.sign(`session=${Buffer.from(JSON.stringify(data)).toString('base64')}`),
    'JSON.stringify and signer.sign': () => ours.sign(JSON.stringify(data)),
  })
}
