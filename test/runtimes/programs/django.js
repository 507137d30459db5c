import {
  decodeSession,
  djangoSessions,
  dumps,
  encodeSession,
  loads,
  readPickle,
  signCookie,
  signedCookiesEngine,
  unsignCookie,
  writePickle,
} from 'keepsake/django'
import { same, tellStory } from './visitor.js'

const secretKey = 'vec-secret-key-MAIN-0123456789abcdefghijklmnopqrstuvwxyz!@#$'
const sessions = djangoSessions({ secretKey, engine: signedCookiesEngine() })

export async function run() {
  const now = 1_700_000_000_000
  // Written by Django 5.2.
  const text = 'eyJmb28iOiJiYXIifQ:1r31eq:Qj0KoLhjr08tswhqELuhLdzEW8xdD1v2s8GYHDaiGRM'
  const read = decodeSession(text, { secretKey, now })
  same(read.ok, true, 'whether a session of Django is read')
  same(encodeSession(read.value, { secretKey, now }), text, 'the same session as we write it')
  const cookie = 'hello:1r31eq:17C-_AtBnnlUQPLhapvfWXrCogKI8B13LSdM0X_KcRA'
  same(signCookie('c', 'hello', { secretKey, now }), cookie, 'a signed cookie')
  same(unsignCookie('c', cookie, { secretKey, now }).ok, true, 'whether a signed cookie is read')
  const long = dumps('grün '.repeat(1000), { secretKey, compress: true })
  same(loads(long, { secretKey }), { ok: true, value: 'grün '.repeat(1000) }, 'a compressed value')
  same(readPickle(writePickle('grün')), 'grün', 'a pickle')
  await tellStory(sessions, { revocable: false, facts: { authHash: 'of-the-password' } })
}
