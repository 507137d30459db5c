import { describe, expect, it } from 'vitest'
import { isKeepsakeError } from '../../errors.ts'
import { argon2id, djangoArgon2 } from './formats/argon2.ts'
import { djangoPbkdf2, pbkdf2 } from './formats/pbkdf2.ts'
import { scrypt } from './formats/scrypt.ts'
import type { PasswordHasher } from './password-hash.ts'
import { createPasswords } from './passwords.ts'

const passwords = createPasswords()
const hashers = {
  argon2id: argon2id({ memory: 64, passes: 1, weak: true }),
  scrypt: scrypt({ cost: 16, weak: true }),
  pbkdf2: pbkdf2({ iterations: 10, weak: true }),
}

/** The real hasher, and how often it was asked. */
function counted(hasher: PasswordHasher = argon2id({ memory: 64, passes: 1, weak: true })) {
  const counter = { calls: 0, atOnce: 0, mostAtOnce: 0 }
  const encode: PasswordHasher['encode'] = async (...args) => {
    counter.calls++
    counter.atOnce++
    counter.mostAtOnce = Math.max(counter.mostAtOnce, counter.atOnce)
    const encoded = await hasher.encode(...args)
    counter.atOnce--
    return encoded
  }
  return { counter, hasher: { scheme: hasher.scheme, encode } }
}

describe('a new password', () => {
  it("is stored as argon2id in OWASP's parameters, with a salt of its own each time", async () => {
    const [one, other] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(other).not.toBe(one)
  })

  for (const [name, hasher] of Object.entries(hashers)) {
    it(`${name}: logs in with what was stored, and another does not`, async () => {
      const passwords = createPasswords({ hasher })
      const encoded = await passwords.hash('correct horse')
      expect(await passwords.verify('correct horse', encoded)).toEqual({ valid: true, rehash: false })
      expect(await passwords.verify('correct hors', encoded)).toEqual({ valid: false, rehash: false })
    })
  }

  it('ASVS 6.2.1: needs 8 characters, counted as people count them', async () => {
    await expect(passwords.hash('1234567')).rejects.toMatchObject({ code: 'PASSWORD_REFUSED', status: 400 })
    await expect(passwords.hash('😀😀😀😀')).rejects.toThrow('4 of at least 8 characters')
    expect(await passwords.hash('😀😀😀😀😀😀😀😀')).toMatch(/^\$argon2id/)
    await expect(createPasswords({ minLength: 15 }).hash('fourteen chars')).rejects.toThrow('14 of at least 15')
  })

  it('ASVS 6.2.9: may have 64 characters, and 1024 bytes', async () => {
    for (const password of ['x'.repeat(64), '😀'.repeat(64), 'x'.repeat(1024), 'é'.repeat(512)]) {
      expect(await passwords.verify(password, await passwords.hash(password))).toMatchObject({ valid: true })
    }
  })

  it('ASVS 6.2.9: of more than 1024 bytes is refused before it is hashed, and so is a megabyte at login', async () => {
    const { counter, hasher } = counted()
    const passwords = createPasswords({ hasher })
    const encoded = await passwords.hash('x'.repeat(1024))
    for (const password of ['x'.repeat(1025), 'é'.repeat(513), 'x'.repeat(2 ** 20)]) {
      await expect(passwords.hash(password)).rejects.toMatchObject({ code: 'PASSWORD_REFUSED', status: 400 })
      expect(await passwords.verify(password, encoded)).toEqual({ valid: false, rehash: false })
      expect(await passwords.verifyAgainstNothing(password)).toEqual({ valid: false, rehash: false })
    }
    expect(counter.calls).toBe(1)
  })

  it('with half of a surrogate pair is refused: in UTF-8 all halves are one character', async () => {
    const encoded = await passwords.hash('password\uFFFD')
    await expect(passwords.hash('password\uD800')).rejects.toThrow('surrogate')
    for (const half of ['\uD800', '\uDFFF']) {
      expect((await passwords.verify(`password${half}`, encoded)).valid).toBe(false)
    }
  })

  it('with NUL is refused: HMAC cannot tell it from the same password without, and bcrypt ends there', async () => {
    await expect(passwords.hash('password\0')).rejects.toThrow('NUL')
    for (const hasher of Object.values(hashers)) {
      const encoded = await hasher.encode('password')
      expect((await createPasswords({ hasher }).verify('password\0', encoded)).valid).toBe(false)
    }
  })

  it('is in no error', async () => {
    const error: unknown = await passwords.hash('hunter2').catch((error: unknown) => error)
    expect(isKeepsakeError(error, 'PASSWORD_REFUSED') && error.message).not.toContain('hunter2')
  })
})

describe('ASVS 6.2.8: a password is verified exactly as it was received', () => {
  const password = ' Pässwörd '
  const others = [
    'Pässwörd',
    ' pässwörd ',
    ' Pässwörd',
    password.normalize('NFD'),
    `${password}\u200B`,
    `${password}\n`,
  ]
  for (const [name, hasher] of Object.entries(hashers)) {
    it(`${name}: with its spaces, its case and its spelling in Unicode`, async () => {
      const passwords = createPasswords({ hasher })
      const encoded = await passwords.hash(password)
      expect(await passwords.verify(password, encoded)).toEqual({ valid: true, rehash: false })
      for (const other of others) expect((await passwords.verify(other, encoded)).valid).toBe(false)
    })

    it(`${name}: two that differ only in their last character, after byte 72 or at byte 1024, are two`, async () => {
      const passwords = createPasswords({ hasher })
      for (const length of [72, 1023]) {
        const encoded = await passwords.hash(`${'x'.repeat(length)}a`)
        expect((await passwords.verify(`${'x'.repeat(length)}b`, encoded)).valid).toBe(false)
      }
    })
  }
})

describe('a hash that is behind', () => {
  it('test_upgrade, test_pbkdf2_upgrade: in its parameters is made anew at the next login, once', async () => {
    const was = await createPasswords({ hasher: argon2id({ memory: 7168, passes: 5 }) }).hash('correct horse')
    expect(await passwords.verify('correct horse', was)).toEqual({ valid: true, rehash: true })
    const is = await passwords.rehash('correct horse')
    expect(await passwords.verify('correct horse', is)).toEqual({ valid: true, rehash: false })
  })

  it('in its salt is made anew, although its parameters are right', async () => {
    const short = await argon2id().encode('correct horse', Buffer.from('8 bytes.'))
    expect(await passwords.verify('correct horse', short)).toEqual({ valid: true, rehash: true })
  })

  it('test_no_upgrade_on_incorrect_pass: is not made anew for a wrong password', async () => {
    const was = await createPasswords({ hasher: pbkdf2() }).hash('correct horse')
    expect(await passwords.verify('wrong', was)).toEqual({ valid: false, rehash: false })
  })

  it('is one that Django cannot read, where Django is to read them', async () => {
    const passwords = createPasswords({ hasher: djangoArgon2() })
    const phc = await argon2id({ memory: 102_400, passes: 2, parallelism: 8 }).encode('correct horse')
    expect(await passwords.verify('correct horse', phc)).toEqual({ valid: true, rehash: true })
  })

  it('of a password that is too short today is made anew too', async () => {
    const was = await djangoPbkdf2().encode('short')
    expect(await passwords.verify('short', was)).toEqual({ valid: true, rehash: true })
    expect(await passwords.verify('short', await passwords.rehash('short'))).toEqual({ valid: true, rehash: false })
  })

  it('and fast is read only if `legacy` names it', async () => {
    const md5 = createPasswords({ legacy: ['unsalted-md5'] })
    // The digests of 'password', as md5sum and sha1sum print them.
    const digests = {
      md5: '5f4dcc3b5aa765d61d8327deb882cf99',
      sha1: '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8',
    }
    for (const encoded of [digests.md5, `md5$$${digests.md5}`]) {
      expect(await md5.verify('password', encoded)).toEqual({ valid: true, rehash: true })
      expect(await passwords.verify('password', encoded)).toEqual({ valid: false, rehash: false })
    }
    expect((await md5.verify('password', `sha1$$${digests.sha1}`)).valid).toBe(false)
    const sha1 = createPasswords({ legacy: ['unsalted-sha1', 'sha1'] })
    expect((await sha1.verify('password', `sha1$$${digests.sha1}`)).valid).toBe(true)
    expect((await sha1.verify('word', `sha1$pass$${digests.sha1}`)).valid).toBe(true)
  })
})

describe('ASVS 6.3.8: the time of an answer does not tell whether there is such a user', () => {
  const { counter, hasher } = counted()
  const passwords = createPasswords({ hasher, legacy: ['md5'] })
  const costOf = async (ask: () => Promise<unknown>): Promise<number> => {
    const before = counter.calls
    await ask()
    return counter.calls - before
  }

  it('no user, no usable password, and an unreadable hash cost a hash in the current parameters', async () => {
    expect(await costOf(() => passwords.verifyAgainstNothing('correct horse'))).toBe(1)
    for (const encoded of [
      null,
      undefined,
      '',
      '!unusable',
      'not-a-hash',
      '$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaA',
    ]) {
      expect(await costOf(() => passwords.verify('correct horse', encoded))).toBe(1)
    }
  })

  it('test_check_password_calls_harden_runtime: a wrong password costs one beside that of a fast hash, or of one that cannot hold it', async () => {
    expect(await costOf(() => passwords.verify('wrong', 'md5$seasalt$d095db9c9036ec46c15dbe6549434dcd'))).toBe(1)
    const bcrypt = '$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS'
    expect(await costOf(() => passwords.verify('x'.repeat(73), bcrypt))).toBe(1)
  })

  it('and costs no second one beside a current hash', async () => {
    const encoded = await passwords.hash('correct horse')
    expect(await costOf(() => passwords.verify('wrong', encoded))).toBe(0)
    expect(await costOf(() => passwords.verify('correct horse', encoded))).toBe(0)
  })
})

describe('CVE-2025-22228: bcrypt ends at byte 72', () => {
  const make = async (text: string): Promise<string> => (await import('bcryptjs')).default.hash(text, 4)

  it('so a password of 72 bytes fits, and no longer one does', async () => {
    const encoded = await make('x'.repeat(72))
    expect((await passwords.verify('x'.repeat(72), encoded)).valid).toBe(true)
    expect((await passwords.verify(`${'x'.repeat(72)}y`, encoded)).valid).toBe(false)
    expect((await passwords.verify('x'.repeat(73), await make('x'.repeat(73)))).valid).toBe(false)
    expect((await passwords.verify('é'.repeat(37), await make('é'.repeat(37)))).valid).toBe(false)
  })

  it("but Django's bcrypt_sha256 holds passwords of any length", async () => {
    const { createHash } = await import('node:crypto')
    const long = 'x'.repeat(73)
    const encoded = `bcrypt_sha256$${await make(createHash('sha256').update(long).digest('hex'))}`
    expect(await passwords.verify(long, encoded)).toEqual({ valid: true, rehash: true })
    expect((await passwords.verify('x'.repeat(72), encoded)).valid).toBe(false)
  })

  it('$2a$, $2b$ and $2y$ are one function, and $2x$ is refused', async () => {
    const encoded = await make('correct horse')
    for (const version of ['2a', '2b', '2y']) {
      expect(await passwords.verify('correct horse', encoded.replace('2b', version))).toEqual({
        valid: true,
        rehash: true,
      })
    }
    expect((await passwords.verify('correct horse', encoded.replace('2b', '2x'))).valid).toBe(false)
  })
})

describe('1000 guesses at once', () => {
  it('ASVS 6.3.1: compute no more hashes than have a place; the others get PASSWORDS_BUSY at once', async () => {
    const { counter, hasher } = counted()
    const passwords = createPasswords({ hasher, hashesAtOnce: 2, hashesWaiting: 20 })
    const guesses = Array.from({ length: 1000 }, (_, guess) => passwords.verifyAgainstNothing(`guess ${guess}`))
    const results = await Promise.allSettled(guesses)
    const refused = results.filter(result => result.status === 'rejected').map(({ reason }) => reason)
    expect(refused).toHaveLength(978)
    for (const error of refused) expect(error).toMatchObject({ code: 'PASSWORDS_BUSY', status: 503 })
    expect(counter).toMatchObject({ calls: 22, mostAtOnce: 2, atOnce: 0 })
    expect(await passwords.verifyAgainstNothing('the next one has a place')).toMatchObject({ valid: false })
  })
})

describe('options that do not start', () => {
  it.each([
    [() => createPasswords({ minLength: 7 }), 'minLength is 7, not a whole number from 8 to 64'],
    [() => createPasswords({ hashesAtOnce: 0 }), 'hashesAtOnce is 0'],
    [() => createPasswords({ hashesWaiting: 0.5 }), 'hashesWaiting is 0.5'],
    [() => createPasswords({ minlength: 9 } as object), 'minlength is not an option'],
    [() => createPasswords({ hasher: 'argon2id' as never }), 'hasher has no function encode'],
    [() => createPasswords({ legacy: ['md4' as never] }), 'legacy has "md4"'],
    [() => argon2id({ memory: 1024 }), "weaker than OWASP's minimum"],
    [() => argon2id({ memory: 2 ** 22 }), 'outside of what can be verified'],
    [() => argon2id({ memmory: 47_104 } as object), 'memmory is not an option of argon2id'],
    [() => argon2id({ passes: Number.NaN }), 'outside'],
    [() => scrypt({ cost: 30_000 }), 'outside'],
    [() => scrypt({ cost: 16_384, parallelism: 4 }), 'weaker'],
    [() => pbkdf2({ iterations: 599_999 }), 'weaker'],
    [() => pbkdf2({ iterations: 1e9 }), 'outside'],
    [() => pbkdf2({ digest: 'md5' as never, iterations: 1e6 }), 'outside'],
    [() => djangoPbkdf2({ iterations: 260_000 }), 'add weak: true'],
  ])('%s', (create, message) => {
    expect(create).toThrow(message)
    expect(create).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
  })

  it('parameters below the minimum do, if that is spelled out', () => {
    expect(argon2id({ memory: 64, passes: 1, weak: true }).scheme).toBe('$argon2id$v=19$m=64,t=1,p=1')
    expect(djangoPbkdf2({ iterations: 260_000, weak: true }).scheme).toBe('pbkdf2_sha256$260000')
  })
})
