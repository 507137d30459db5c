import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type KeyRing, keyRing } from './key-ring.ts'
import type { Opened } from './opened.ts'
import { sealer } from './seal.ts'
import { signer } from './sign.ts'

/** Signing and sealing, under one pair of verbs: the rules are the same for both. */
interface Kind {
  readonly close: (text: string) => string
  readonly open: (value: string) => Opened | null
}

const kinds = {
  signed: (ring: KeyRing, purpose: string, name: string): Kind => {
    const { sign, verify } = signer(ring, purpose, name)
    return { close: sign, open: verify }
  },
  sealed: (ring: KeyRing, purpose: string, name: string): Kind => {
    const { seal, open } = sealer(ring, purpose, name)
    return { close: seal, open }
  },
}

const fresh = (): string => randomBytes(32).toString('base64url')
const text = '{"v":1,"d":{"visits":3,"cart":["pen"]},"m":{"created":1000}}'
const seed = Math.floor(Math.random() * 2 ** 31)

describe.each(Object.entries(kinds))('a %s value', (kindName, kind) => {
  const secret = fresh()
  const { close, open } = kind(keyRing(secret), 'session', '__Host-session')
  const value = close(text)

  it('gives the text back, in the next process too', () => {
    expect(open(value)).toEqual({ text, current: true })
    expect(kind(keyRing(secret), 'session', '__Host-session').open(value)).toEqual({ text, current: true })
  })

  it(`carries any text, in characters that a cookie may have (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), any => {
        const closed = close(any)
        expect(closed).toMatch(/^[\w.-]+$/)
        expect(open(closed)).toEqual({ text: any, current: true })
      }),
      { seed, numRuns: 300, examples: [[''], ['\0'], ['😀'.repeat(2000)]] },
    )
  })

  it('is refused for a text that UTF-8 would change', () => {
    expect(() => close('half a pair: \ud83d')).toThrow(/^VALUE_INVALID/)
  })

  it('with any single bit flipped is no value (ASVS 9.1.1, CVE-2026-40372)', () => {
    const flipped = [...value].flatMap((character, at) =>
      Array.from({ length: 16 }, (_, bit) => {
        const other = String.fromCharCode(character.charCodeAt(0) ^ (1 << bit))
        return value.slice(0, at) + other + value.slice(at + 1)
      }),
    )
    expect(flipped).toHaveLength(value.length * 16)
    expect(flipped.filter(bad => open(bad) !== null)).toEqual([])
  })

  it('with any single bit of its bytes flipped, each part spelled well, is no value', () => {
    const parts = value.split('.')
    const flipped = parts.flatMap((part, index) => {
      const bytes = Buffer.from(part, 'base64url')
      return Array.from({ length: bytes.length * 8 }, (_, bit) => {
        const other = Buffer.from(bytes)
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return parts.with(index, other.toString('base64url')).join('.')
      })
    })
    expect(flipped.length).toBeGreaterThan(500)
    expect(flipped.filter(bad => open(bad) !== null)).toEqual([])
  })

  it.each([4, 8, 12, 15])('with its tag cut to %d bytes is no value (ASVS 11.3.3)', bytes => {
    const [version, id, middle, last = ''] = value.split('.')
    const whole = Buffer.from(last, 'base64url')
    const cut = whole.subarray(0, whole.length - (kindName === 'signed' ? 32 : 16) + bytes)
    expect(open([version, id, middle, cut.toString('base64url')].join('.'))).toBeNull()
  })

  it('cut anywhere, or grown, is no value', () => {
    const cuts = Array.from({ length: value.length }, (_, at) => [value.slice(0, at), value.slice(at + 1)])
    const grown = ['', '.', 'A', '=', ' ', '\n', '\0'].flatMap(more =>
      [value + more, more + value].filter(v => v !== value),
    )
    const all = [...cuts.flat(), ...grown, value + value]
    expect(all.filter(bad => open(bad) !== null)).toEqual([])
  })

  it('has one spelling: of all that Node decodes to the same bytes, one is accepted', () => {
    const [version, id, middle = '', last = ''] = value.split('.')
    const around = (part: string): string[] => [
      ...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', end => part.slice(0, -1) + end),
      ...['=', '==', ' ', '\n', '!', 'A='].flatMap(junk => [
        part + junk,
        junk + part,
        part.slice(0, 5) + junk + part.slice(5),
      ]),
      ...[part.replaceAll('-', '+'), part.replaceAll('_', '/'), `${part.slice(0, -1)}\u0141`],
      ...Array.from(
        part,
        (c, at) => part.slice(0, at) + String.fromCharCode(c.charCodeAt(0) + 0x100) + part.slice(at + 1),
      ),
    ]
    const spellings = [
      ...around(middle).map(other => [version, id, other, last].join('.')),
      ...around(last).map(other => [version, id, middle, other].join('.')),
    ]
    expect(spellings.filter(other => other !== value && open(other) !== null)).toEqual([])
  })

  it(`is never made by a client: garbage is null, and no error (seed ${seed})`, () => {
    const [version, id, middle = '', last = ''] = value.split('.')
    const piece = fc.oneof(
      fc.constantFrom(...[version, id, middle, last, 'v0', 'v2', 'none', 'plain', '__proto__', ''].map(String)),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.base64String(),
      fc.stringMatching(/^[\w-]{0,64}$/),
    )
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join('.')),
      fc.array(piece, { maxLength: 3 }).map(pieces => [version, id, ...pieces].join('.')),
      fc.array(piece, { maxLength: 2 }).map(pieces => [version, id, middle, ...pieces].join('.')),
    )
    fc.assert(
      fc.property(garbage, any => {
        expect(open(any)).toEqual(any === value ? { text, current: true } : null)
      }),
      { seed, numRuns: 20_000 },
    )
  })

  it.each([
    ['nothing', ''],
    ['a million characters', 'A'.repeat(1_000_000)],
    ['a million dots', '.'.repeat(1_000_000)],
    ['a million characters behind a right beginning', value.slice(0, 29) + 'A'.repeat(1_000_000)],
    ['the plain text', text],
    ['the plain text in base64url', Buffer.from(text).toString('base64url')],
  ])('is not %s (CVE-2026-39324: there is no other decoder to fall back to)', (_, other) => {
    expect(open(other)).toBeNull()
  })

  it('names its key and never an algorithm; an unknown key id is refused (ASVS 9.1.2, CVE-2022-23539, CVE-2022-23540, CVE-2022-23541)', () => {
    const [version, , middle, last] = value.split('.')
    const [, otherId] = kind(keyRing(fresh()), 'session', '__Host-session').close(text).split('.')
    for (const id of ['none', '', 'AAAAAAAA', otherId, 'HS256', '__proto__']) {
      expect(open([version, id, middle, last].join('.'))).toBeNull()
    }
  })

  it('of another version is refused', () => {
    for (const version of ['v0', 'v2', 'V1', '', 'v01']) expect(open(version + value.slice(2))).toBeNull()
  })
})

describe('nothing is parsed before it is authentic', () => {
  afterEach(() => vi.restoreAllMocks())

  it.each(Object.entries(kinds))('JSON.parse never runs inside %s (ASVS 9.1.1)', (_, kind) => {
    const { close, open } = kind(keyRing(fresh()), 'session', 'n')
    const value = close(text)
    const parse = vi.spyOn(JSON, 'parse')
    for (const given of [value, value.slice(1), `${value}A`, text]) open(given)
    expect(parse).not.toHaveBeenCalled()
  })
})

describe('a value is for one purpose and one name (CVE-2023-48309, Laravel 2020, ASVS 9.2.2)', () => {
  const ring = keyRing(fresh())
  const purposes = ['session', 'remember', 'csrf', 'oauth state', 'a', 'ab', 'keepsake v1 sign']
  const names = ['session', '__Host-session', 'b', 'bc', 'c', 'csrf']
  const contexts = Object.entries(kinds).flatMap(([kindName, kind]) =>
    purposes.flatMap(purpose =>
      names.map(name => ({ label: [kindName, purpose, name].join('/'), ...kind(ring, purpose, name) })),
    ),
  )

  it(`of ${contexts.length} x ${contexts.length} pairs, a value is accepted where it was made`, () => {
    const accepted = contexts.flatMap(from => {
      const value = from.close(text)
      return contexts.filter(to => to.open(value)).map(to => [from.label, to.label])
    })
    expect(accepted).toEqual(contexts.map(({ label }) => [label, label]))
  })

  it('the values of two cookies, exchanged, are both refused', () => {
    for (const kind of Object.values(kinds)) {
      const [mine, theirs] = [kind(ring, 'cookie', 'mine'), kind(ring, 'cookie', 'theirs')]
      expect([mine.open(theirs.close('a')), theirs.open(mine.close('b'))]).toEqual([null, null])
    }
  })
})

describe.each(Object.entries(kinds))('when secrets rotate, a %s value', (_, kind) => {
  const [oldest, older, newest] = [fresh(), fresh(), fresh()]
  const under = (...secrets: string[]): Kind => kind(keyRing(secrets), 'session', 'n')

  it('is made under the first secret alone (CVE-2025-47278)', () => {
    const value = under(newest, older, oldest).close(text)
    expect(under(newest).open(value)).toEqual({ text, current: true })
    expect(under(older, oldest).open(value)).toBeNull()
  })

  it('of an older secret is accepted, and said to be old, so that the next write makes it anew (ASVS 11.2.2)', () => {
    const rotated = under(newest, older, oldest)
    expect(rotated.open(under(older).close(text))).toEqual({ text, current: false })
    expect(rotated.open(under(oldest).close(text))).toEqual({ text, current: false })
    expect(rotated.open(rotated.close(text))).toEqual({ text, current: true })
  })

  it('of a retired secret is refused', () => {
    expect(under(newest, older).open(under(oldest).close(text))).toBeNull()
  })
})
