import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argon2id } from './formats/argon2.ts'
import { legacyFormats } from './formats/legacy.ts'
import { createPasswords } from './passwords.ts'
import { readHash } from './read-hash.ts'

const salt = 'c2FsdHNhbHRzYWx0c2FsdA'
const hash = 'MTIzNDU2NzgxMjM0NTY3ODEyMzQ1Njc4MTIzNDU2Nzg'
const b64 = (length: number): string => Buffer.alloc(length, 1).toString('base64').replace(/=+$/, '')

describe('hashes of the published test vectors', () => {
  const passwords = createPasswords()

  it('RFC 7914 section 12: scrypt', async () => {
    const salt = Buffer.from('NaCl').toString('base64').replace(/=+$/, '')
    const hex =
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640'
    const hash = Buffer.from(hex, 'hex').toString('base64').replace(/=+$/, '')
    expect(await passwords.verify('password', `$scrypt$ln=10,r=8,p=16$${salt}$${hash}`)).toMatchObject({ valid: true })
  })

  it('RFC 6070: PBKDF2 with SHA-1', async () => {
    const hash = Buffer.from('4b007901b765489abead49d926f721d065a429c1', 'hex').toString('base64')
    expect(await passwords.verify('password', `pbkdf2_sha1$4096$salt$${hash}`)).toMatchObject({ valid: true })
    const phc = `$pbkdf2-sha1$i=4096$c2FsdA$${hash.replace(/=+$/, '')}`
    expect(await passwords.verify('password', phc)).toMatchObject({ valid: true })
  })

  it('the package @node-rs/argon2 agrees on argon2id, argon2i and argon2d', async () => {
    const other = await import('@node-rs/argon2')
    expect(await other.verify(await passwords.hash('pässwörd 😀'), 'pässwörd 😀')).toBe(true)
    for (const algorithm of [0, 1, 2]) {
      const encoded = await other.hash('pässwörd 😀', { algorithm, memoryCost: 64, timeCost: 3, parallelism: 2 })
      expect(await passwords.verify('pässwörd 😀', encoded)).toEqual({ valid: true, rehash: true })
    }
  })
})

describe('parameters of an attacker', () => {
  const within: Record<string, string> = {
    '256 MiB of argon2': `$argon2id$v=19$m=262144,t=8,p=1$${salt}$${hash}`,
    '256 MiB of scrypt': `$scrypt$ln=18,r=8,p=2$${salt}$${hash}`,
    '10 million iterations': `$pbkdf2-sha256$i=10000000$${salt}$${hash}`,
    'bcrypt of cost 15': '$2b$15$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS',
  }
  const beyond: Record<string, string> = {
    '4 GiB of argon2': `$argon2id$v=19$m=4194304,t=1,p=1$${salt}$${hash}`,
    'one KiB more than 256 MiB': `$argon2id$v=19$m=262145,t=1,p=1$${salt}$${hash}`,
    'the same behind the prefix of Django': `argon2$argon2id$v=19$m=262145,t=1,p=1$${salt}$${hash}`,
    'more than 2 GiB filled in all': `$argon2id$v=19$m=262144,t=9,p=1$${salt}$${hash}`,
    'a billion passes': `$argon2id$v=19$m=8,t=1000000000,p=1$${salt}$${hash}`,
    'argon2 with less memory than lanes need': `$argon2id$v=19$m=15,t=1,p=2$${salt}$${hash}`,
    'no pass': `$argon2id$v=19$m=64,t=0,p=1$${salt}$${hash}`,
    'no lane': `$argon2id$v=19$m=64,t=1,p=0$${salt}$${hash}`,
    'a negative number': `$argon2id$v=19$m=-64,t=1,p=1$${salt}$${hash}`,
    'a number with leading zeros': `$argon2id$v=19$m=00064,t=1,p=1$${salt}$${hash}`,
    'a salt of 7 bytes, which argon2 does not have': `$argon2id$v=19$m=64,t=1,p=1$${b64(7)}$${hash}`,
    'a salt of 129 bytes': `$argon2id$v=19$m=64,t=1,p=1$${b64(129)}$${hash}`,
    'a hash of no bytes, which every password fits': `$argon2id$v=19$m=64,t=1,p=1$${salt}$`,
    'a hash of 15 bytes': `$argon2id$v=19$m=64,t=1,p=1$${salt}$${b64(15)}`,
    'a hash of 65 bytes': `$argon2id$v=19$m=64,t=1,p=1$${salt}$${b64(65)}`,
    'an old version of argon2': `$argon2id$v=16$m=64,t=1,p=1$${salt}$${hash}`,
    'N of 2^19': `$scrypt$ln=19,r=8,p=1$${salt}$${hash}`,
    'N of 2^99': `$scrypt$ln=99,r=1,p=1$${salt}$${hash}`,
    'N of 1': `$scrypt$ln=0,r=8,p=1$${salt}$${hash}`,
    'too much work of scrypt': `$scrypt$ln=18,r=8,p=3$${salt}$${hash}`,
    'N that is no power of two': `scrypt$16385$seasalt$8$5$${hash}=`,
    'a billion iterations': `pbkdf2_sha256$1000000000$seasalt$${hash}=`,
    'one more than 10 million': `pbkdf2_sha256$10000001$seasalt$${hash}=`,
    'no iteration': `pbkdf2_sha256$0$seasalt$${hash}=`,
    'Infinity of them': `pbkdf2_sha256$Infinity$seasalt$${hash}=`,
    'hexadecimal ones': `pbkdf2_sha256$0x10$seasalt$${hash}=`,
    'no salt': `pbkdf2_sha256$1000$$${hash}=`,
    'another digest': `pbkdf2_md5$1000$seasalt$${hash}=`,
    'a hash with nothing in it': 'pbkdf2_sha256$1000$seasalt$=',
    'bcrypt of cost 31': '$2b$31$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS',
    'bcrypt of cost 3': '$2b$03$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS',
    'a line break at the end': `$pbkdf2-sha256$i=1000$${salt}$${hash}\n`,
    'a text of 513 characters': `md5$${'x'.repeat(513 - 37)}$d095db9c9036ec46c15dbe6549434dcd`,
  }
  it.each(Object.entries(within))('%s is the most that is read', (_, encoded) => {
    expect(readHash(encoded, [])).not.toBeNull()
  })
  it.each(Object.entries(beyond))('%s is no hash', (_, encoded) => {
    expect(readHash(encoded, legacyFormats)).toBeNull()
  })
})

describe('garbage where a hash should be', () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const hasher = argon2id({ memory: 64, passes: 1, weak: true })
  const passwords = createPasswords({ hasher, legacy: legacyFormats })
  const file = new URL('./django-password-vectors.json', import.meta.url)
  const vectors: { expected: { encoded?: string } }[] = JSON.parse(readFileSync(file, 'utf8'))
  const samples = vectors.flatMap(({ expected }) => expected.encoded ?? [])
  samples.push(`$argon2id$v=19$m=64,t=1,p=1$${salt}$${hash}`, `$scrypt$ln=4,r=8,p=1$${salt}$${hash}`)
  samples.push(`$pbkdf2-sha256$i=10$${salt}$${hash}`)

  /** A hash with a piece cut out and another put in. */
  const damaged = fc
    .tuple(
      fc.constantFrom(...samples),
      fc.nat(120),
      fc.nat(8),
      fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('$', '$$', '9', '=', ',', '-1', '\0')),
    )
    .map(([sample, at, cut, piece]) => sample.slice(0, at) + piece + sample.slice(at + cut))
  /** Parts of hashes put together anew. */
  const mixed = fc
    .array(fc.constantFrom(...samples.flatMap(sample => sample.split(/(?=[$,=])/))), { maxLength: 8 })
    .map(parts => parts.join(''))
  const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), fc.anything())

  it(`is never an error, and never runs beyond the bounds (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.oneof(damaged, mixed, anything), encoded => {
        const stored = readHash(encoded, legacyFormats)
        if (stored) expect(stored.expected.length).toBeGreaterThanOrEqual(16)
      }),
      { seed, numRuns: 20_000 },
    )
  })

  it(`fits no password (seed ${seed})`, async () => {
    // The costly ones are left to the test above.
    const isCheap = (encoded: string): boolean =>
      /m=64,|ln=4,|^md5|^.?pbkdf2.{0,14}\b\d{1,4}\$/.test(encoded) || !readHash(encoded, legacyFormats)
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, mixed).filter(isCheap), fc.string(), async (encoded, password) => {
        expect(await passwords.verify(password, encoded)).toEqual({ valid: false, rehash: false })
      }),
      { seed, numRuns: 1000 },
    )
  })

  it(`nor does a password that is no text fit a hash (seed ${seed})`, async () => {
    const encoded = await passwords.hash('correct horse')
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.anything(), fc.string({ unit: 'binary' })), async password => {
        expect((await passwords.verify(password as string, encoded)).valid).toBe(false)
      }),
      { seed, numRuns: 300 },
    )
  })
})
