import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failuresOf, type RecordedStory, recordingRunner } from '../../test/support/recording-runner.ts'
import { memoryStore } from '../stores/memory.ts'
import type { ExpirySweep, SessionIndex, SessionRecord, SessionStore, StoredRecord } from '../stores/store.ts'
import { describeSessionStore } from './describe-session-store.ts'

type Store = SessionStore & SessionIndex & ExpirySweep

function storiesOf(createStore: () => Store, parts = { index: true, sweep: true }): readonly RecordedStory[] {
  const runner = recordingRunner()
  describeSessionStore('it', createStore, { ...runner, ...parts })
  return runner.stories
}

function failuresOfStore(createStore: () => Store): Promise<string[]> {
  return failuresOf(storiesOf(createStore))
}

/** A memory store of which some methods are made anew, wrongly. */
function mutant(change: (store: Store) => Partial<Store>): () => Store {
  return () => {
    const store = memoryStore()
    return { ...store, ...change(store) }
  }
}

/** Writes without looking, in one step. */
function overwrite(store: Store, id: string, record: SessionRecord): Promise<boolean> {
  void store.delete(id)
  return store.create(id, record)
}

/** A pause in the middle of what has to be one step. */
const pause = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('describeSessionStore', () => {
  it('has a story for every sentence of the contract', () => {
    const names = storiesOf(memoryStore).map(({ name }) => name)
    const sentences = contractSentences()
    expect(sentences.length).toBeGreaterThan(14)
    expect(sentences.filter(sentence => !names.includes(sentence))).toEqual([])
  })

  it('tells no story twice', () => {
    const titles = storiesOf(memoryStore).map(({ groups, name }) => [...groups, name].join(' > '))
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('leaves out the parts that a store does not have', () => {
    const groups = storiesOf(memoryStore, { index: false, sweep: false }).flatMap(story => story.groups)
    expect(groups).toContain('SessionStore')
    expect(groups).not.toContain('SessionIndex')
    expect(groups).not.toContain('ExpirySweep')
  })

  it('closes the store of each story, also of one that fails', async () => {
    const runner = recordingRunner()
    let open = 0
    const createStore = async () => {
      open++
      return { ...memoryStore(), read: () => Promise.reject(new Error('broken')) }
    }
    describeSessionStore('it', createStore, { ...runner, close: () => void open-- })
    expect((await failuresOf(runner.stories)).length).toBeGreaterThan(20)
    expect(open).toBe(0)
  })

  it('says how to bring a test runner where there is none', () => {
    expect(() => describeSessionStore('it', memoryStore)).toThrow('TEST_RUNNER_MISSING')
  })

  it('uses the global describe and it of a runner that has them', () => {
    const runner = recordingRunner()
    Object.assign(globalThis, { describe: runner.describe, it: runner.it })
    try {
      describeSessionStore('it', memoryStore)
    } finally {
      Object.assign(globalThis, { describe: undefined, it: undefined })
    }
    expect(runner.stories.length).toBeGreaterThan(20)
  })
})

describe('describeSessionStore passes', () => {
  it('a store that keeps the contract', async () => {
    expect(await failuresOfStore(memoryStore)).toEqual([])
  })

  it('a store that shows no expired record', async () => {
    const forgetful = mutant(store => ({
      async read(id) {
        const found = await store.read(id)
        return found && found.expiresAt > new Date() ? found : null
      },
    }))
    expect(await failuresOfStore(forgetful)).toEqual([])
  })

  it('a store that takes its time', async () => {
    const slow = mutant(store => ({
      read: id => pause().then(() => store.read(id)),
      create: (id, record) => pause().then(() => store.create(id, record)),
      replace: (was, id, record) =>
        pause()
          .then(() => store.replace(was, id, record))
          .finally(pause),
      delete: id => pause().then(() => store.delete(id)),
    }))
    expect(await failuresOfStore(slow)).toEqual([])
  })
})

describe('describeSessionStore fails a store', () => {
  it('whose replace is an upsert', async () => {
    const upsert = mutant(store => ({
      async replace(was, id, record) {
        if (id !== was.id) void store.delete(was.id)
        return overwrite(store, id, record)
      },
    }))
    const failures = await failuresOfStore(upsert)
    expect(failures).toContain('is false after delete, and brings nothing back')
    expect(failures).toContain('of 200 replaces of one version, exactly one wins, version after version')
  })

  it('whose create overwrites', async () => {
    const failures = await failuresOfStore(mutant(store => ({ create: (...args) => overwrite(store, ...args) })))
    expect(failures).toContain('False, and nothing changed, if the id is taken.')
    expect(failures).toContain('of 50 creates of one id, exactly one is true, and its record is there')
  })

  it('whose replace brings a deleted record back, and is right otherwise', async () => {
    const reviving = mutant(store => ({
      async replace(was, id, record) {
        if (await store.read(was.id)) return store.replace(was, id, record)
        return id === was.id && store.create(id, record)
      },
    }))
    const failures = await failuresOfStore(reviving)
    expect(failures).toContain('is false after delete, and brings nothing back')
    expect(failures).toContain('a record that is deleted while others replace it is gone, whoever came first')
  })

  it('whose version is a counter that starts again at 1 (ABA)', async () => {
    const failures = await failuresOfStore(countingStore)
    expect(failures).toContain('Another state under the same id, earlier or later, has another version.')
    expect(failures).toContain('is false for a version from before the record was deleted and made again')
    expect(failures).not.toContain('of 200 replaces of one version, exactly one wins, version after version')
  })

  it('whose version names the content, not the state', async () => {
    const versionOf = (record: StoredRecord) => `${record.payload} ${record.expiresAt.getTime()}`
    const hashing = mutant(store => ({
      async read(id) {
        const found = await store.read(id)
        return found && { ...found, version: versionOf(found) }
      },
      async replace(was, id, record) {
        const found = await store.read(was.id)
        if (!found || versionOf(found) !== was.version) return false
        return store.replace({ id: was.id, version: found.version }, id, record)
      },
    }))
    const failures = await failuresOfStore(hashing)
    expect(failures).toContain('Another state under the same id, earlier or later, has another version.')
  })

  it('that looks first and writes later', async () => {
    const hasty = mutant(store => ({
      async create(id, record) {
        if (await store.read(id)) return false
        await pause()
        return overwrite(store, id, record)
      },
      async replace(was, id, record) {
        const found = await store.read(was.id)
        if (found?.version !== was.version || (id !== was.id && (await store.read(id)))) return false
        await pause()
        await store.delete(was.id)
        return overwrite(store, id, record)
      },
    }))
    const failures = await failuresOfStore(hasty)
    expect(failures).toContain('of 50 creates of one id, exactly one is true, and its record is there')
    expect(failures).toContain('of 200 replaces of one version, exactly one wins, version after version')
    expect(failures).toContain('of 20 rotations of one record, exactly one wins, and leaves one record')
    expect(failures).toContain('of 20 records that rotate to one new id, exactly one does, and the others stay')
  })

  it('that rotates in two steps', async () => {
    const copying = mutant(store => ({
      async replace(was, id, record) {
        if (id === was.id) return store.replace(was, id, record)
        if ((await store.read(was.id))?.version !== was.version || !(await store.create(id, record))) return false
        await pause()
        await pause()
        await store.delete(was.id)
        return true
      },
    }))
    expect(await failuresOfStore(copying)).toContain('nobody ever reads a rotating record under both ids')
  })

  it('that leaves the old id behind when it rotates', async () => {
    const leaving = mutant(store => ({
      async replace(was, id, record) {
        if (id === was.id) return store.replace(was, id, record)
        return (await store.read(was.id))?.version === was.version && store.create(id, record)
      },
    }))
    expect(await failuresOfStore(leaving)).toContain(
      'Stores over exactly the record that was read, under the same id or a new one (rotation): the old id is then gone.',
    )
  })

  it('that cannot tell ids apart that differ only in case', async () => {
    const caseless = mutant(store => ({
      create: (id, record) => store.create(id.toLowerCase(), record),
      read: id => store.read(id.toLowerCase()),
    }))
    const sentence = 'An id is 43 characters of base64url, the hash of a secret, and safe to show.'
    expect(await failuresOfStore(caseless)).toContain(sentence)
  })

  it('that rejects where something is merely absent', async () => {
    const strict = mutant(store => ({
      async delete(id) {
        if (!(await store.read(id))) throw new Error('no such record')
        return store.delete(id)
      },
    }))
    expect(await failuresOfStore(strict)).toContain('Removing an absent one is not an error.')
  })

  it('that trims, cuts or recodes payloads', async () => {
    const changes: ((payload: string) => string)[] = [
      payload => payload.trim(),
      payload => payload.slice(0, 65_535),
      payload => payload.normalize('NFC'),
      payload => Buffer.from(payload, 'latin1').toString('latin1'),
    ]
    for (const change of changes) {
      const changing = mutant(store => ({
        create: (id, record) => store.create(id, { ...record, payload: change(record.payload) }),
      }))
      expect(await failuresOfStore(changing)).toContain('has its payload byte for byte')
    }
  })

  it('that keeps expiry in seconds', async () => {
    const coarse = mutant(store => ({
      async read(id) {
        const found = await store.read(id)
        return found && { ...found, expiresAt: new Date(Math.floor(found.expiresAt.getTime() / 1000) * 1000) }
      },
    }))
    expect(await failuresOfStore(coarse)).toContain('has its expiry to the millisecond, however far away')
  })

  it('that hands out its own live objects', async () => {
    expect(await failuresOfStore(liveStore)).toContain('does not change when the store does')
  })

  it('whose index forgets to follow', async () => {
    const stale = mutant(store => {
      const first = new Map<string, string>()
      return {
        async create(id, record) {
          first.set(id, record.index.userId ?? '')
          return store.create(id, record)
        },
        async *find(_, value) {
          for (const [id, user] of first) {
            const found = await store.read(id)
            if (found && user === value) yield { id, ...found }
          }
        },
      }
    })
    expect(await failuresOfStore(stale)).toContain('finds a record under the value that it was last stored with')
  })

  it('whose index compares loosely', async () => {
    const loose = mutant(store => ({
      create: (id, { index, ...record }) =>
        store.create(id, { ...record, index: { userId: (index.userId ?? '').trim().toLowerCase() } }),
      find: (name, value) => store.find(name, value.trim().toLowerCase()),
    }))
    expect(await failuresOfStore(loose)).toContain(
      'takes a value as it is: case, accents, blanks, quotes and wildcards count',
    )
  })

  it('whose deleteBy forgets whom to spare', async () => {
    const ruthless = mutant(store => ({ deleteBy: (name, value) => store.deleteBy(name, value) }))
    expect(await failuresOfStore(ruthless)).toContain(
      'Removes what `find` would yield, but for the record `except`, and tells how many there were.',
    )
  })

  it('whose deleteBy looks first and deletes later', async () => {
    const hasty = mutant(store => ({
      async deleteBy(name, value, { except } = {}) {
        const ids: string[] = []
        for await (const { id } of store.find(name, value)) if (id !== except) ids.push(id)
        await pause()
        for (const id of ids) await store.delete(id)
        return ids.length
      },
    }))
    expect(await failuresOfStore(hasty)).toContain('leaves none that rotates in the same moment')
  })

  it('whose sweep knows no limit, leaves the last moment, takes the next, or miscounts', async () => {
    const sweeps: ((store: Store) => Store['deleteExpired'])[] = [
      store => now => store.deleteExpired(now, { limit: 1e9 }),
      store => (now, options) => store.deleteExpired(new Date(now.getTime() - 1), options),
      store => (now, options) => store.deleteExpired(new Date(now.getTime() + 1), options),
      store => async (now, options) => (await store.deleteExpired(now, options)) && options.limit,
    ]
    for (const sweep of sweeps) {
      const sweeping = mutant(store => ({ deleteExpired: sweep(store) }))
      expect(await failuresOfStore(sweeping)).toContain(
        'Removes at most `limit` records that expired at `now` or earlier, never another, and tells how many.',
      )
    }
  })
})

/** Right in all but the version: each record counts its own states, from 1. */
function countingStore(): Store {
  const store = memoryStore()
  const counts = new Map<string, number>()
  const versionOf = (id: string): string => String(counts.get(id))
  return {
    ...store,
    async read(id) {
      const found = await store.read(id)
      return found && { ...found, version: versionOf(id) }
    },
    async create(id, record) {
      const created = await store.create(id, record)
      if (created) counts.set(id, 1)
      return created
    },
    async replace(was, id, record) {
      const found = await store.read(was.id)
      if (!found || versionOf(was.id) !== was.version) return false
      const replaced = await store.replace({ id: was.id, version: found.version }, id, record)
      if (replaced) counts.set(id, Number(was.version) + 1)
      return replaced
    },
  }
}

/** Right in all but that `read` gives the same object each time, and `replace` changes it. */
function liveStore(): Store {
  const store = memoryStore()
  const live = new Map<string, object>()
  return {
    ...store,
    async read(id) {
      const found = await store.read(id)
      if (!found) return null
      const object = live.get(id) ?? {}
      live.set(id, object)
      return Object.assign(object, found)
    },
    async replace(was, id, record) {
      const replaced = await store.replace(was, id, record)
      const changed = live.get(id)
      if (replaced && changed) Object.assign(changed, await store.read(id))
      return replaced
    },
  }
}

/** What the comments of the contract say of a store's behaviour, sentence by sentence. */
function contractSentences(): string[] {
  const source = readFileSync(new URL('../stores/store.ts', import.meta.url), 'utf8')
  const parts = source.split(/^export interface /m)
  const comments = parts.flatMap(part => {
    if (part.startsWith('StoredRecord ')) return commentsIn(part.slice(part.indexOf('expiresAt')))
    return /^(SessionStore|SessionIndex|ExpirySweep) /.test(part) ? commentsIn(part.slice(0, part.indexOf('\n}'))) : []
  })
  const header = commentsIn(source.slice(0, source.indexOf('export interface SessionStore'))).at(-1) ?? ''
  return [...comments, header].flatMap(sentencesOf).filter(sentence => !isOfOthers(sentence))
}

function commentsIn(source: string): string[] {
  const comments = source.match(/\/\*\*[\s\S]*?\*\//g) ?? []
  return comments.map(comment =>
    comment
      .replace(/\s*\*\/|^\/\*\*|^\s*\* ?/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  )
}

function sentencesOf(comment: string): string[] {
  return comment.split(/(?<=\.) (?=[A-Z`])/)
}

/** Sentences that say what the session layer does, or what the contract is. */
function isOfOthers(sentence: string): boolean {
  return /^(Where records rest|A store sees an id|`describeSessionStore` of|A record found by|A store that)/.test(
    sentence,
  )
}
