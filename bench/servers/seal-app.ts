import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { expressApp, userOf } from './express-app.ts'
import { serve } from './serve.ts'
import { visitorNamed } from './visitor.ts'

function seal(key: Buffer | KeyObject, text: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const body = cipher.update(text, 'utf8')
  return Buffer.concat([iv, body, cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

function open(key: Buffer | KeyObject, value: string): string {
  const bytes = Buffer.from(value, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAuthTag(bytes.subarray(-16))
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')
}

const sent = (cookie = ''): string => cookie.slice('floor='.length)
const line = (value: string): string => `floor=${value}; Path=/; Secure; HttpOnly; SameSite=Lax`

/** One authenticated decryption, and one encryption: nothing is parsed. */
export function serveSealed(key: Buffer | KeyObject): void {
  const app = expressApp([], {
    login(req, res) {
      res.setHeader('Set-Cookie', line(seal(key, JSON.stringify(visitorNamed(userOf(req))))))
      res.send('in')
    },
    read(req, res) {
      open(key, sent(req.headers.cookie))
      res.send('user-0')
    },
    write(req, res) {
      res.setHeader('Set-Cookie', line(seal(key, open(key, sent(req.headers.cookie)))))
      res.send('1234')
    },
  })
  serve(app)
}
