import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { djangoArgon2 } from './formats/argon2.ts'
import { djangoBcryptSha256 } from './formats/bcrypt.ts'
import { djangoPbkdf2 } from './formats/pbkdf2.ts'
import { djangoScrypt } from './formats/scrypt.ts'
import type { PasswordHasher } from './password-hash.ts'
import { createPasswords } from './passwords.ts'
import { isUsablePassword, unusablePassword } from './unusable-password.ts'

/** Made by running Django 5.2.17 and 3.2.25. */
interface Vector {
  readonly id: string
  readonly kind: string
  readonly django: string
  readonly wrong_password: string
  readonly input: { readonly password: string; readonly salt: string; readonly encoded: string; readonly user: object }
  readonly expected: {
    readonly encoded: string
    readonly algorithm: string
    readonly must_update: boolean
    readonly ok: boolean
    readonly usable?: boolean
    readonly errors: readonly (readonly [string, string])[]
  }
}

const file = new URL('./django-password-vectors.json', import.meta.url)
const vectors: readonly Vector[] = JSON.parse(readFileSync(file, 'utf8'))
const ofKind = (kind: string): Vector[] => vectors.filter(vector => vector.kind === kind)

/** The hasher of this format in Django's own parameters, which differ between 3.2 and 5.2. */
function djangoHasher(algorithm: string, django: string): PasswordHasher | undefined {
  const old = django.startsWith('3.2') ? { iterations: 260_000, weak: true } : {}
  if (algorithm === 'pbkdf2_sha256') return djangoPbkdf2(old)
  if (algorithm === 'pbkdf2_sha1') return djangoPbkdf2({ digest: 'sha1', ...old })
  if (algorithm === 'argon2') return djangoArgon2()
  if (algorithm === 'bcrypt_sha256') return djangoBcryptSha256()
  return algorithm === 'scrypt' ? djangoScrypt() : undefined
}

describe('hashes that Django made', () => {
  for (const { id, django, input, expected, wrong_password } of ofKind('password_hash')) {
    it(`${id}: the right password fits, another does not, and it is made anew when Django would`, async () => {
      const hasher = djangoHasher(expected.algorithm, django)
      const passwords = createPasswords({ legacy: ['md5'], ...(hasher ? { hasher } : {}) })
      // Nothing is written as raw bcrypt or md5, so a login makes those anew whatever their parameters.
      const rehash = hasher ? expected.must_update : true
      expect(await passwords.verify(input.password, expected.encoded)).toEqual({ valid: true, rehash })
      expect(await passwords.verify(wrong_password, expected.encoded)).toEqual({ valid: false, rehash: false })
    })
  }
})

describe('hashes that Django is to read', () => {
  const written = ofKind('password_hash').filter(({ expected, django }) => {
    return !expected.must_update && djangoHasher(expected.algorithm, django)
  })
  for (const { id, django, input, expected } of written) {
    it(`${id}: are Django's, byte for byte`, async () => {
      const hasher = djangoHasher(expected.algorithm, django)
      expect(await hasher?.encode(input.password, Buffer.from(input.salt.replace('$2b$12$', '')))).toBe(
        expected.encoded,
      )
    })
  }

  it('of bcrypt have a new salt each time, and fit the password they were made of, however long', async () => {
    const hasher = djangoBcryptSha256({ cost: 4, weak: true })
    const passwords = createPasswords({ hasher })
    const long = 'a long password '.repeat(9)
    const [one, other] = [await passwords.hash(long), await passwords.hash(long)]
    expect(one).toMatch(/^bcrypt_sha256\$\$2b\$04\$[./A-Za-z0-9]{53}$/)
    expect(one).not.toBe(other)
    expect(await passwords.verify(long, one)).toEqual({ valid: true, rehash: false })
    expect(await passwords.verify(`${long}!`, one)).toMatchObject({ valid: false })
    expect(() => djangoBcryptSha256({ cost: 9 })).toThrow(/OWASP/)
    expect(() => djangoBcryptSha256({ cost: 16 })).toThrow('OPTION_INVALID')
  })

  it('have a new salt of 22 letters and digits each time', async () => {
    const hasher = djangoScrypt()
    const salts = [await hasher.encode('one'), await hasher.encode('one')].map(encoded => encoded.split('$')[2])
    for (const salt of salts) expect(salt).toMatch(/^[A-Za-z0-9]{22}$/)
    expect(salts[0]).not.toBe(salts[1])
  })
})

describe('what Django says of stored texts that are no hash', () => {
  const passwords = createPasswords()
  for (const { id, input, expected } of ofKind('check_password_edge')) {
    it(id, async () => {
      if (expected.usable !== undefined) expect(isUsablePassword(input.encoded)).toBe(expected.usable)
      expect((await passwords.verify(input.password, input.encoded)).valid).toBe(false)
    })
  }

  it('a user without a usable password cannot log in, with whatever text', async () => {
    const encoded = unusablePassword()
    expect(encoded).toMatch(/^![A-Za-z0-9]{40}$/)
    expect(isUsablePassword(encoded)).toBe(false)
    expect(unusablePassword()).not.toBe(encoded)
    for (const password of [encoded, encoded.slice(1), '', '!']) {
      expect((await passwords.verify(password, encoded)).valid).toBe(false)
    }
  })
})

const codes = {
  'too-similar': 'password_too_similar',
  'too-short': 'password_too_short',
  'too-common': 'password_too_common',
  'all-digits': 'password_entirely_numeric',
} as Readonly<Record<string, string>>

describe("new passwords under Django's validators", () => {
  const userAttributes = ['username', 'first_name', 'last_name', 'email']
  const passwords = createPasswords({ userAttributes })
  for (const { id, input, expected } of ofKind('password_validation')) {
    it(id, async () => {
      const problems = await passwords.check(input.password, { user: input.user })
      expect(problems.map(({ code }) => codes[code])).toEqual(expected.errors.map(([code]) => code))
    })
  }
})
