import { randomBytes, randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isKeepsakeError } from '../errors.ts'
import { type KeyRing, keyRing } from './key-ring.ts'
import { sealer } from './seal.ts'
import { signer } from './sign.ts'

const fresh = (): string => randomBytes(32).toString('base64url')

/** What the program is told when it starts with these secrets. */
function refusal(secrets: unknown): { code: string; message: string } {
  try {
    keyRing(secrets as string[])
  } catch (error) {
    if (isKeepsakeError(error)) return { code: error.code, message: error.message }
  }
  return { code: 'accepted', message: '' }
}

describe('a secret that can be guessed does not start (ASVS 11.2.3)', () => {
  it.each([
    '0123456789',
    'xK9#mP2$vL5@nQ8!wR3%tY6^zA1&bC4',
    'a'.repeat(40),
    'ab'.repeat(30),
    'abcdefghijklmnopqrstuvwxyz0123456789',
    '0123456789abcdef0123456789abcdef0123456789abcdef',
    '00000000-0000-0000-0000-000000000000',
    'secret'.padEnd(40, '0'),
    'secret'.padEnd(64, '1234567890'),
    ' '.repeat(20) + 'change me'.padEnd(30),
    'keyboard cat '.repeat(3),
    'Change-Me! '.repeat(8),
    'your-secret-here-your-secret-here',
    'YOUR_SECRET_HERE_AT_LEAST_32_CHARACTERS_LONG',
    'complex_password_at_least_32_characters_long',
    'shhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh, very secret',
    'replace-this-with-a-long-random-string',
    'this is a very long secret key for my app, please change it',
    'qwertyuiopasdfghjklzxcvbnm1234567890',
    // Of the documentation of others, from where they are copied.
    'averylogphrasebiggerthanthirtytwochars',
    '192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf',
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    'sdfsdSDFD5sf4rt4egrt4drgsdFSD4e5',
    'django-insecure-xK9mP2vL5nQ8wR3tY6zA1bC4dE7fG0hJ',
    // Places that nobody filled in.
    '<generate one with: openssl rand -base64 32>',
    '$(openssl rand -base64 32) is not run in this file',
    '$'.concat('{SESSION_SECRET:-9f8Kq2Lm4Xz7Vb1Nc5Rt3Yw6}'),
    '{{ random_password.session.result }}',
    // Sentences.
    'correct horse battery staple correct horse',
    'The quick brown fox jumps over the lazy dog.',
    'Lorem ipsum dolor sit amet, consectetur adipiscing',
    'WE HOLD THESE TRUTHS TO BE SELF-EVIDENT',
  ])('%j', secret => {
    const { code, message } = refusal(secret)
    expect(code).toBe('SECRET_WEAK')
    expect(message).not.toContain(secret)
    expect(message).toMatch(/secret 1 .* openssl rand -base64 32$/)
    expect(message).not.toContain(secret.slice(0, 12))
  })

  it('one of 31 bytes, however random, and one of 32 characters of 16 random bytes does', () => {
    expect(refusal(fresh().slice(0, 31)).message).toContain('shorter than 32 bytes')
    expect(refusal(randomBytes(16).toString('hex')).code).toBe('accepted')
  })

  it('the message says which of several it is', () => {
    expect(refusal([fresh(), 'keyboard cat']).message).toContain('secret 2 is shorter than 32 bytes')
  })

  it('what a generator makes is never taken for a pattern', () => {
    const kinds = ['hex', 'base64', 'base64url'] as const
    const secrets = kinds.flatMap(kind => Array.from({ length: 2000 }, () => randomBytes(32).toString(kind)))
    secrets.push(...Array.from({ length: 200 }, () => `${randomUUID()}${randomUUID()}`))
    expect(secrets.filter(secret => refusal(secret).code !== 'accepted')).toEqual([])
  })
})

describe('there is no default secret (CVE-2018-15133, CVE-2019-5420, CVE-2016-4437)', () => {
  it.each([
    ['an environment variable that is not set', undefined],
    ['an empty one', ''],
    ['an empty list', []],
    ['an old one that is not set', [fresh(), undefined]],
    ['null', null],
    ['a number', 123456789],
    ['bytes', [randomBytes(32)]],
  ])('%s', (_, secrets) => {
    expect(refusal(secrets).code).toBe('SECRET_MISSING')
  })

  it('the same secret twice is a slip of a rotation', () => {
    const twice = fresh()
    const { code, message } = refusal([twice, fresh(), twice])
    expect([code, message]).toEqual(['OPTION_INVALID', expect.stringContaining('secrets 1 and 3 are the same')])
    expect(message).not.toContain(twice)
  })
})

describe('a key ring shows nothing of its secrets (CVE-2021-34532)', () => {
  const secret = fresh()
  const ring = keyRing([secret, fresh()])

  it.each<[string, (thing: object) => string]>([
    ['inspect', thing => inspect(thing, { showHidden: true, depth: 9, getters: true })],
    ['JSON', thing => JSON.stringify(thing)],
    ['its properties', thing => Reflect.ownKeys(thing).map(String).join()],
  ])('to %s; nor does a signer or a sealer', (_, show) => {
    for (const thing of [ring, signer(ring, 'p', 'n'), sealer(ring, 'p', 'n')])
      expect(show(thing)).not.toContain(secret)
    expect(show(ring)).toMatch(/^(Ring )?(\{\})?$/)
  })

  it('and nothing else passes for one', () => {
    for (const other of [{}, { ...ring }, structuredClone(ring)]) {
      expect(() => signer(other as KeyRing, 'p', 'n')).toThrow(/^OPTION_INVALID: .*not a key ring/)
    }
  })
})

describe('the purpose and the name of a signer', () => {
  const ring = keyRing(fresh())

  it.each(['', 'a\0b', 'é', '\ud800', 'a\nb'])('%j is refused, for two contexts must never look alike', part => {
    expect(() => signer(ring, part, 'n')).toThrow(/^OPTION_INVALID: .*purpose/)
    expect(() => sealer(ring, 'p', part)).toThrow(/^OPTION_INVALID: .*name/)
  })

  it('are looked up, not derived again: the same signer comes back', () => {
    expect(signer(ring, 'p', 'n')).toBe(signer(ring, 'p', 'n'))
    expect(sealer(ring, 'p', 'n')).not.toBe(sealer(ring, 'p', 'm'))
  })
})
