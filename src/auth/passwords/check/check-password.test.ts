import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createPasswords, type Passwords } from '../passwords.ts'

const codesOf = async (password: string, context = {}, passwords: Passwords = createPasswords()): Promise<string[]> =>
  (await passwords.check(password, context)).map(({ code }) => code)

describe('ASVS 6.2.4: common passwords', () => {
  it.each([
    'password',
    'PassWord',
    'iloveyou',
    'qwertyuiop',
    ' sunshine ',
    ' a1b2c3d4 ',
    'ｐａｓｓｗｏｒｄ',
    'password1234567',
    '!!password!!',
    'Princess2026',
  ])('%s is refused', async password => {
    expect(await codesOf(password)).toEqual(['too-common'])
  })

  it.each(['password and a horse', 'correct horse battery', '00password12345678', 'zxq9!vVk2@'])(
    '%s, with enough of its own, is not',
    async password => {
      expect(await codesOf(password)).toEqual([])
    },
  )

  it('has more than the 3000 that are asked for', async () => {
    const { commonPasswordsData } = await import('./common-passwords-data.ts')
    const { brotliDecompressSync } = await import('node:zlib')
    const list = brotliDecompressSync(Buffer.from(commonPasswordsData, 'base64')).toString().split('\n')
    expect(new Set(list).size).toBe(8747)
    for (const password of list) expect(password).toMatch(/^.{8,}$/)
    expect(list).toEqual(list.map(password => password.toLowerCase().trim()))
  })
})

describe('ASVS 6.2.5: any composition is allowed', () => {
  it.each([
    'lowercase letters',
    'ALLCAPITALS xy',
    '😀😁😂🤣😃😄😅😆',
    '        ',
    'пароль и лошадь',
    '日本語のパスワード',
    'a\tb\tc\td\te',
    '!$%&/()=?',
  ])('%s', async password => {
    expect(await codesOf(password)).toEqual([])
    expect(await createPasswords().hash(password)).toMatch(/^\$argon2id/)
  })
})

describe('ASVS 6.1.2, 6.2.11: words that are easy to guess here', () => {
  const acme = createPasswords({ words: ['acmecorp', 'Rocket Skates', 'of'] })
  it.each(['AcmeCorp2026!', 'acmecorpacmecorp', 'xx-ACMECORP-xx', 'rocket skates', 'acmecorp rocket skates'])(
    '%s is refused',
    async password => {
      expect(await codesOf(password, {}, acme)).toEqual(['own-word'])
    },
  )

  it.each(['acmecorp sells anvils', 'ofofofofof'])('%s is not', async password => {
    expect(await codesOf(password, {}, acme)).toEqual([])
  })

  it('are found whole where one is the beginning of another', async () => {
    expect(await codesOf('rocketship2026x', { words: ['rocket', 'rocketship'] })).toEqual(['own-word'])
  })

  it('may be given with the password too', async () => {
    expect(await codesOf('Contoso2026', { words: ['contoso'] }, acme)).toEqual(['own-word'])
  })
})

describe('who the user is', () => {
  const user = { username: 'alice.smith', email: 'alice@example.com', firstName: 'Alice', lastName: null, id: 7 }

  it.each([
    ['alicesmith', 'username'],
    ['smithalice', 'username'],
    ['Alice@Example.com', 'email'],
    ['elephant grey', undefined],
  ])('%s is too similar to %s', async (password, attribute) => {
    const problems = await createPasswords().check(password, { user })
    expect(problems[0]).toEqual(attribute && expect.objectContaining({ code: 'too-similar', attribute }))
  })

  it('is named in words', async () => {
    const [problem] = await createPasswords().check('bartholomew', { user: { firstName: 'Bartholomew' } })
    expect(problem?.message).toBe('This is too similar to the first name.')
  })

  it('CVE-2021-45115: is looked at for 1024 characters of each attribute, however long they are', async () => {
    const long = 'a.'.repeat(500_000)
    expect(await codesOf('correct horse', { user: { username: `correct horse ${long}` } })).toEqual(['too-similar'])
    expect(await codesOf('correct horse', { user: { username: `${long} correct horse` } })).toEqual([])
  })
})

describe('all problems are named at once', () => {
  it('a short one of digits', async () => {
    expect(await createPasswords().check('1234567')).toEqual([
      { code: 'too-short', minimum: 8, message: 'Use at least 8 characters.' },
      { code: 'too-common', message: 'Many people use this password. Choose another one.' },
      { code: 'all-digits', message: 'Use more than digits.' },
    ])
    expect(await codesOf('smith')).toEqual(['too-short', 'too-common'])
    expect(await codesOf('5h0rt')).toEqual(['too-short'])
  })

  it('digits of any script are digits', async () => {
    expect(await codesOf('٣٤٥٦٧٨٩٠')).toEqual(['all-digits'])
    expect(await codesOf('⁸⁷⁶⁵⁴³²⁹')).toEqual(['all-digits'])
  })

  it('but nothing is said of what is no password at all', async () => {
    expect(await codesOf('x'.repeat(2 ** 20))).toEqual(['too-long'])
    for (const text of ['password\uD800', 'password\0']) expect(await codesOf(text)).toEqual(['not-text'])
    expect(await codesOf(12_345_678 as never)).toEqual(['not-text'])
  })
})

describe('ASVS 6.2.12: a set of leaked passwords', () => {
  /** A service that is asked by the first five digits of a SHA-1, and answers with the rest of those it knows. */
  const leaked = (known: string, asked: string[]) => async (password: string) => {
    const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()
    const range = (prefix: string): string => {
      asked.push(prefix)
      return sha1(known).startsWith(prefix) ? `${sha1(known).slice(5)}:42` : ''
    }
    const digest = sha1(password)
    return range(digest.slice(0, 5)).includes(digest.slice(5))
  }

  it('is asked about what passed everything else, and only about that', async () => {
    const asked: string[] = []
    const passwords = createPasswords({ breached: leaked('correct horse battery', asked) })
    expect(await codesOf('correct horse battery', {}, passwords)).toEqual(['breached'])
    expect(await codesOf('another horse battery', {}, passwords)).toEqual([])
    expect(asked).toHaveLength(2)
    expect(await codesOf('password', {}, passwords)).toEqual(['too-common'])
    expect(asked).toHaveLength(2)
  })

  it('ASVS 16.5.3: that cannot be asked lets no password through', async () => {
    const breached = () => Promise.reject(new Error('offline'))
    await expect(createPasswords({ breached }).check('correct horse battery')).rejects.toThrow('offline')
  })
})
