import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Browser, type Data, site } from '../../test/support/site.ts'
import { createSessions } from '../create-sessions.ts'
import { describeSessionStore } from '../testing/describe-session-store.ts'
import { fileStore } from './file.ts'
import type { ExpirySweep, SessionRecord, SessionStore } from './store.ts'

const root = mkdtempSync(join(tmpdir(), 'keepsake-files-'))
afterAll(() => rmSync(root, { recursive: true }))

let directories = 0
const newDirectory = (): string => join(root, String(++directories))

describeSessionStore('fileStore', () => fileStore(newDirectory()), { describe, it, sweep: true })

const shared = newDirectory()
describeSessionStore('a fileStore on a directory that others use too', () => fileStore(shared), {
  describe,
  it,
  sweep: true,
})

const idOf = (name: string): string => createHash('sha256').update(name).digest('base64url')
const [alice, bob] = [idOf('alice'), idOf('bob')]

const recordOf = (payload: string): SessionRecord => ({
  payload,
  createdAt: new Date(),
  expiresAt: new Date(Date.now() + 3_600_000),
  index: {},
})

/** Every file in a directory: the labels, which are empty, and the texts. */
function filesIn(directory: string): { path: string; name: string; empty: boolean }[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(({ parentPath, name }) => ({ parentPath, name, path: join(parentPath, name) }))
    .map(({ path, name }) => ({ path, name, empty: statSync(path).size === 0 }))
}

interface Planting {
  readonly store: SessionStore & ExpirySweep
  readonly directory: string
  /** The path of the only text that is there. */
  readonly text: () => string
  readonly label: () => string
}

async function storeWith(payloads: Record<string, string>): Promise<Planting> {
  const directory = newDirectory()
  const store = fileStore(directory)
  for (const [id, payload] of Object.entries(payloads)) await store.create(id, recordOf(payload))
  const only = (empty: boolean) => (): string => {
    const [file, more] = filesIn(directory).filter(other => other.empty === empty)
    if (!file || more) throw new Error('there is not one file')
    return file.path
  }
  return { store, directory, text: only(false), label: only(true) }
}

describe('what others put into the directory is no session:', () => {
  it('a symlink in the place of a text or a label', async () => {
    for (const kind of ['text', 'label'] as const) {
      const planting = await storeWith({ [alice]: '{}' })
      const [path, away] = [planting[kind](), join(root, `moved-${kind}`)]
      renameSync(path, away)
      symlinkSync(away, path)
      expect(await planting.store.read(alice)).toBeNull()
    }
  })

  it('a text with a second name', async () => {
    const { store, text } = await storeWith({ [alice]: '{}' })
    linkSync(text(), join(root, 'second-name'))
    expect(await store.read(alice)).toBeNull()
  })

  it('a pipe in the place of a text, which does not hold up the read either', async () => {
    const { store, text } = await storeWith({ [alice]: '{}' })
    const path = text()
    unlinkSync(path)
    execFileSync('mkfifo', [path])
    expect(await store.read(alice)).toBeNull()
  })

  it('a folder in the place of a text or a label', async () => {
    const { store, text, label } = await storeWith({ [alice]: '{}' })
    const [textPath, labelPath] = [text(), label()]
    unlinkSync(textPath)
    mkdirSync(textPath)
    expect(await store.read(alice)).toBeNull()
    unlinkSync(labelPath)
    mkdirSync(labelPath)
    expect(await store.read(alice)).toBeNull()
    expect(await store.create(alice, recordOf('{}'))).toBe(true)
  })

  it('a label that names no text', async () => {
    const { store, text } = await storeWith({ [alice]: '{}' })
    unlinkSync(text())
    expect(await store.read(alice)).toBeNull()
  })

  it("another session's text under this session's name", async () => {
    const { store, text, directory } = await storeWith({ [alice]: '{"d":{"who":"alice"}}' })
    const path = text()
    await store.create(bob, recordOf('{"d":{"who":"bob"}}'))
    const other = filesIn(directory).find(file => !file.empty && file.path !== path)
    copyFileSync(other?.path ?? '', path)
    expect(await store.read(alice)).toBeNull()
  })

  it('an earlier text of the same session', async () => {
    const { store, text } = await storeWith({ [alice]: '{"d":{"admin":true}}' })
    const earlier = readFileSync(text())
    const { version } = (await store.read(alice)) ?? { version: '' }
    await store.replace({ id: alice, version }, alice, recordOf('{"d":{}}'))
    writeFileSync(text(), earlier)
    expect(await store.read(alice)).toBeNull()
  })

  const skipsRoot = process.env.KEEPSAKE_REQUIRE_SERVICES !== '1' && process.getuid?.() !== 0

  it.skipIf(skipsRoot)('a text of another user (needs root)', async () => {
    const { store, text } = await storeWith({ [alice]: '{}' })
    chownSync(text(), 65534, 65534)
    expect(await store.read(alice)).toBeNull()
  })

  it('a text that is cut, grown or bent in any byte', async () => {
    const { store, text } = await storeWith({ [alice]: '{"d":{"n":1}}' })
    const [path, whole] = [text(), readFileSync(text())]
    for (let length = 0; length < whole.length; length++) {
      truncateSync(path, length)
      expect(await store.read(alice)).toBeNull()
      const bent = Buffer.from(whole)
      bent[length] = (whole[length] ?? 0) ^ 1
      writeFileSync(path, bent)
      expect(await store.read(alice)).toBeNull()
      writeFileSync(path, whole)
    }
    writeFileSync(path, `${whole} `)
    expect(await store.read(alice)).toBeNull()
    writeFileSync(path, whole)
    expect(await store.read(alice)).toMatchObject({ payload: '{"d":{"n":1}}' })
  })

  it('anything under an id that is a path, or too long for a name', async () => {
    const { store } = await storeWith({})
    for (const id of ['../../../../etc/passwd', '/etc/passwd', 'a\0b', '..', '', 'x'.repeat(100_000)]) {
      expect(await store.read(id)).toBeNull()
      await store.delete(id)
    }
  })
})

describe('deleteExpired', () => {
  const days = (count: number): Date => new Date(Date.now() + count * 86_400_000)

  it('removes what crashes left, once it is a day old', async () => {
    const { store, text, label, directory } = await storeWith({ [alice]: '{}' })
    const [folder, live] = [join(text(), '..'), [text(), label()]]
    const leftovers = [`${'0'.repeat(32)}.0`, `${'0'.repeat(64)}.claim`].map(name => join(folder, name))
    for (const path of leftovers) writeFileSync(path, 'left')
    expect(await store.deleteExpired(new Date(), { limit: 10 })).toBe(0)
    expect(filesIn(directory)).toHaveLength(4)
    for (const path of [...leftovers, ...live]) utimesSync(path, days(-2), days(-2))
    expect(await store.deleteExpired(new Date(), { limit: 10 })).toBe(0)
    expect(filesIn(directory)).toHaveLength(2)
    expect(await store.read(alice)).not.toBeNull()
  })

  it('leaves alone what is not ours', async () => {
    const { store, text, directory } = await storeWith({ [alice]: '{}' })
    mkdirSync(join(directory, 'photos'))
    for (const path of [join(directory, 'README'), join(text(), '..', 'notes.txt')]) {
      writeFileSync(path, 'mine')
      utimesSync(path, days(-2), days(-2))
    }
    expect(await store.deleteExpired(days(1), { limit: 10 })).toBe(1)
    const names = filesIn(directory).map(({ name }) => name)
    expect(names.sort()).toEqual(['README', 'notes.txt'])
  })
})

describe('the directory', () => {
  it('is made with its parents, and nobody else can look into it, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      const directory = join(newDirectory(), 'deep', 'down')
      await fileStore(directory).create(alice, recordOf('{}'))
      const modes = readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .map(name => statSync(join(directory, name)))
        .map(facts => [facts.isDirectory(), facts.mode & 0o777])
      expect([true, statSync(directory).mode & 0o777]).toEqual([true, 0o700])
      expect(modes).toHaveLength(4)
      for (const [isFolder, mode] of modes) expect(mode).toBe(isFolder ? 0o700 : 0o600)
    } finally {
      process.umask(before)
    }
  })

  it('is refused when others may write to it, with what to do instead', () => {
    const directory = newDirectory()
    mkdirSync(directory)
    chmodSync(directory, 0o777)
    expect(() => fileStore(directory)).toThrow(join(directory, 'sessions'))
    fileStore(join(directory, 'sessions'))
  })

  it('that is a file is refused', () => {
    const file = newDirectory()
    writeFileSync(file, '')
    expect(() => fileStore(file)).toThrow('EEXIST')
  })

  it('that goes away while the program runs is an error, and not the end of all sessions', async () => {
    const { store, directory } = await storeWith({ [alice]: '{}' })
    renameSync(directory, `${directory}-unmounted`)
    await expect(store.read(alice)).rejects.toThrow('ENOENT')
    await expect(store.create(bob, recordOf('{}'))).rejects.toThrow('ENOENT')
    await expect(store.deleteExpired(new Date(), { limit: 1 })).rejects.toThrow('ENOENT')
    renameSync(`${directory}-unmounted`, directory)
    expect(await store.read(alice)).not.toBeNull()
  })

  it('shows no token to who reads it, in no spelling', async () => {
    const directory = newDirectory()
    const sessions = createSessions<Data>({ store: fileStore(directory) })
    const browser = new Browser(
      site(sessions, {
        '/sign-in': async session => (await session()).rotate({ userId: 'alice' }),
        '/count': async session => (await session()).update('count', (n = 0) => n + 1),
      }),
    )
    await browser.open('/count')
    const tokens = [browser.token]
    await browser.open('/sign-in')
    tokens.push(browser.token)
    expect(await browser.see('/count')).toBe(2)
    const dump = filesIn(directory)
      .map(({ path }) => `${path}\n${readFileSync(path, 'utf8')}`)
      .join('\n')
    expect(dump).toContain('"user":"alice"')
    for (const token of tokens) {
      const bytes = Buffer.from(token, 'base64url')
      const spellings = [token, bytes.toString('base64'), bytes.toString('hex'), Buffer.from(token).toString('hex')]
      for (const spelling of spellings) expect(dump).not.toContain(spelling)
    }
  })
})
