import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeSession, encodeSession, signedCookiesSalt } from './session-data.ts'
import { signCookie, unsignCookie } from './signed-cookie.ts'
import { dumps, loads } from './signed-object.ts'
import { Signer, TimestampSigner } from './signer.ts'

const secretKey = 'a-secret-key-of-a-django-site-0123456789-0123456789'
const now = 1_700_000_000_000

describe('a text that Django signed', () => {
  const signer = new Signer({ secretKey })

  it.each(['', 'hello', 'a:b:c', 'Grüße'])('%j comes back', value => {
    expect(signer.unsign(signer.sign(value))).toEqual({ ok: true, value })
  })

  it('is refused with any letter changed, added or taken away', () => {
    const signed = signer.sign('hello')
    for (let i = 0; i < signed.length; i++) {
      for (const other of [signed.slice(0, i) + signed.slice(i + 1), `${signed.slice(0, i)}~${signed.slice(i)}`]) {
        expect(signer.unsign(other).ok, other).toBe(false)
      }
    }
  })

  it.each(['', ':', '::', 'no signature', 'a:b', '\ud800:x', ':'.repeat(10_000)])('%j is none, and no error', text => {
    expect(signer.unsign(text)).toEqual({ ok: false, why: 'bad-signature' })
    expect(new TimestampSigner({ secretKey }).unsign(text).ok).toBe(false)
    expect(loads(text, { secretKey }).ok).toBe(false)
    expect(decodeSession(text, { secretKey, legacy: true }).ok).toBe(false)
    expect(unsignCookie('c', text, { secretKey }).ok).toBe(false)
  })

  it('with a key that was rotated away is read, and new ones are signed with the new key', () => {
    const rotated = new Signer({ secretKey: 'new-key', fallbacks: [secretKey] })
    expect(rotated.unsign(signer.sign('x')).ok).toBe(true)
    expect(signer.unsign(rotated.sign('x')).ok).toBe(false)
  })

  it.each(['', new Uint8Array(0)])('needs a key: %j does not start', empty => {
    expect(() => new Signer({ secretKey: empty })).toThrow('OPTION_INVALID')
    expect(() => new Signer({ secretKey, fallbacks: [empty] })).toThrow('OPTION_INVALID')
  })

  it('that is signed but carries no time is corrupt', () => {
    const plain = new Signer({ secretKey, salt: 'django.core.signing.TimestampSigner' })
    for (const value of ['hello', 'hello:', 'hello:!', 'hello:1é', `hello:${'z'.repeat(400)}`]) {
      expect(new TimestampSigner({ secretKey }).unsign(plain.sign(value))).toEqual({ ok: false, why: 'corrupt' })
    }
  })
})

describe('a signed object', () => {
  const pack = (text: string): string => new TimestampSigner({ secretKey, salt: 'django.core.signing' }).sign(text)

  it('comes back, compressed or not', () => {
    for (const compress of [false, true]) {
      const signed = dumps({ list: Array.from({ length: 100 }, () => 'text') }, { secretKey, compress })
      expect(signed.startsWith('.')).toBe(compress)
      expect(loads(signed, { secretKey }).ok).toBe(true)
    }
  })

  it('that inflates to more than is read is refused, and no more than that is made of it', () => {
    const bomb = deflateSync(Buffer.alloc(64 * 2 ** 20, ' ')).toString('base64url')
    const before = process.memoryUsage().arrayBuffers
    expect(loads(pack(`.${bomb}`), { secretKey })).toEqual({ ok: false, why: 'corrupt' })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * 2 ** 20)
  })

  it.each([
    ['is no zlib', '.AAAA'],
    ['ends early', `.${deflateSync('{"a":"bcdefghi"}').subarray(0, 9).toString('base64url')}`],
    ['is no JSON', Buffer.from('{').toString('base64url')],
    ['nests too deep', Buffer.from('['.repeat(100_000)).toString('base64url')],
    ['is empty', ''],
  ])('that is signed but %s is corrupt, and no error', (_, text) => {
    expect(loads(pack(text), { secretKey })).toEqual({ ok: false, why: 'corrupt' })
  })

  it('longer than is read is not even verified', () => {
    const signed = dumps({ a: 'x'.repeat(1000) }, { secretKey })
    expect(loads(signed, { secretKey, maxBytes: 100 })).toEqual({ ok: false, why: 'corrupt' })
    expect(loads(signed, { secretKey, maxBytes: 2000 }).ok).toBe(true)
  })
})

describe("a session's text", () => {
  it('of one engine is none of another', () => {
    const inCookie = encodeSession({ a: 1 }, { secretKey, salt: signedCookiesSalt })
    expect(decodeSession(inCookie, { secretKey })).toEqual({ ok: false, why: 'bad-signature' })
    expect(decodeSession(inCookie, { secretKey, salt: signedCookiesSalt }).ok).toBe(true)
  })

  it('in a cookie lasts as long as SESSION_COOKIE_AGE says', () => {
    const text = encodeSession({ a: 1 }, { secretKey, now })
    expect(decodeSession(text, { secretKey, maxAge: 10, now: now + 10_000 }).ok).toBe(true)
    expect(decodeSession(text, { secretKey, maxAge: 10, now: now + 10_001 })).toEqual({ ok: false, why: 'expired' })
  })
})

describe('a signed cookie', () => {
  it('is bound to its name', () => {
    const signed = signCookie('a', 'v', { secretKey })
    expect(unsignCookie('a', signed, { secretKey })).toEqual({ ok: true, value: 'v' })
    expect(unsignCookie('b', signed, { secretKey }).ok).toBe(false)
  })

  it('in the classic format could be moved from one name to another, in the new one it cannot', () => {
    const move = (format: 'v2' | 'classic'): boolean => {
      const signed = signCookie('ab', 'v', { secretKey, salt: 'c', format })
      return unsignCookie('a', signed, { secretKey, salt: 'bc', format }).ok
    }
    expect([move('classic'), move('v2')]).toEqual([true, false])
  })

  it('counts the salt in code points, as Python does', () => {
    const signed = signCookie('c', 'v', { secretKey: 'k', salt: '\u{1f600}', now })
    expect(signed).toBe('v:1r31eq:0pQbqYof_hSEvCLiNbXWYoZflKhv-gpJLm6L5GH20G0')
  })

  it('that is too old is not tried again in the classic format', () => {
    const signed = signCookie('c', 'v', { secretKey, now })
    expect(unsignCookie('c', signed, { secretKey, maxAge: 1, now: now + 2000 })).toEqual({ ok: false, why: 'expired' })
  })
})
