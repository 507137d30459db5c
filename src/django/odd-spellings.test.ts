import { describe, expect, it } from 'vitest'
import { csrfFault } from './csrf-check.ts'
import { httpDate } from './http-date.ts'
import { decodeSession } from './session-data.ts'
import { isoMicroseconds } from './session-expiry.ts'
import { djangoSetCookie } from './set-cookie.ts'
import { Signer, TimestampSigner } from './signer.ts'

// Each as Django 5.2.17 was seen to do it.

const secretKey = 'vec-secret-key'
const salt = 'django.contrib.sessions.SessionStore'
const read = (value: string, signer: Signer | TimestampSigner = new TimestampSigner({ secretKey, salt })) =>
  decodeSession(signer.sign(value), { secretKey })

describe('signed base64 that is not as Django writes it', () => {
  it.each(['eyJhIjox*fQ', 'eyJh\nIjoxfQ', 'eyJh:IjoxfQ', 'e', '*'])(
    '%j is corrupt: it has not the letters for its length',
    text => {
      expect(read(text)).toEqual({ ok: false, why: 'corrupt' })
    },
  )

  it.each(['eyJhIjoxfQ==', 'eyJh****IjoxfQ', 'eyJhIjo*xfQ==*', 'eyJhIjoxfQ===x'])('%j is read all the same', text => {
    expect(read(text)).toMatchObject({ ok: true })
  })

  it('and a time of nine letters is a time', () => {
    expect(read('eyJhIjoxfQ:zzzzzzzzz', new Signer({ secretKey, salt }))).toEqual({
      ok: true,
      value: new Map([['a', 1]]),
    })
    expect(read('eyJhIjoxfQ:!!!', new Signer({ secretKey, salt }))).toEqual({ ok: false, why: 'corrupt' })
  })
})

it.each(['\n', 'a\n', 'A-\n'])(
  '%j does not separate: before a last line break, Python takes a pattern for ended',
  separator => {
    expect(() => new Signer({ secretKey, separator })).toThrow('OPTION_INVALID')
  },
)

it('a time before 1970 is rounded down, and one after 9999 is none', () => {
  expect(httpDate(-0.5)).toBe('Wed, 31 Dec 1969 23:59:59 GMT')
  expect(httpDate(253_402_300_799)).toBe('Fri, 31 Dec 9999 23:59:59 GMT')
  expect(() => httpDate(253_402_300_800)).toThrow('COOKIE_INVALID')
  const expires = new Date('9999-12-31T23:59:59Z')
  expect(() => djangoSetCookie('k', 'v', { expires, now: 1_700_000_000_000 })).toThrow('COOKIE_INVALID')
})

it.each(['2030-02-30T00:00:00+00:00', '2030-01-02T24:00:00+00:00', '2030-01-02T03:04:60+00:00'])(
  '%s is no date',
  text => {
    expect(isoMicroseconds(text)).toBeUndefined()
  },
)

it('a method is the same in lower case, and a referer is named without marks that nothing follows', () => {
  expect(csrfFault({ method: 'get' })).toBeNull()
  const post = { method: 'POST', secure: true, host: 'site.example' }
  for (const [referer, named] of [
    ['https://evil.example?', 'https://evil.example'],
    ['https://evil.example/?#', 'https://evil.example/'],
    ['https://evil.example/?#x', 'https://evil.example/#x'],
    ['https://evil.example/?a#', 'https://evil.example/?a'],
  ]) {
    expect(csrfFault({ ...post, referer })).toBe(
      `Referer checking failed - ${named} does not match any trusted origins.`,
    )
  }
})
