import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { failuresOf, type RecordedStory, recordingRunner } from '../../test/support/recording-runner.ts'
import { memoryUsers } from '../auth/users/memory-users.ts'
import type { UserRecord } from '../auth/users/user.ts'
import type { UserGroups, UserStore } from '../auth/users/user-store.ts'
import { describeUserStore } from './describe-user-store.ts'

type Store = UserStore & UserGroups

function storiesOf(createStore: () => Store, groups = true): readonly RecordedStory[] {
  const runner = recordingRunner()
  describeUserStore('it', createStore, { ...runner, groups })
  return runner.stories
}

/** The stories that a memory store fails when some of its methods are made anew, wrongly. */
function failuresWith(change: (store: Store) => Partial<Store>): Promise<string[]> {
  const mutant = (): Store => {
    const store = memoryUsers()
    return { ...store, ...change(store) }
  }
  return failuresOf(storiesOf(mutant))
}

/** A pause in the middle of what has to be one step. */
const pause = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('describeUserStore', () => {
  it('has a story for every sentence of the contract', () => {
    const names = storiesOf(memoryUsers).map(({ name }) => name)
    const sentences = contractSentences()
    expect(sentences.length).toBeGreaterThan(25)
    expect(sentences.filter(sentence => !names.includes(sentence))).toEqual([])
  })

  it('tells no story twice', () => {
    const titles = storiesOf(memoryUsers).map(({ groups, name }) => [...groups, name].join(' > '))
    expect(new Set(titles).size).toBe(titles.length)
  })

  it('leaves out groups where a store has none', () => {
    const groups = storiesOf(memoryUsers, false).flatMap(story => story.groups)
    expect(groups).toContain('UserStore')
    expect(groups).not.toContain('UserGroups')
  })

  it('closes the store of each story, also of one that fails', async () => {
    const runner = recordingRunner()
    let open = 0
    const createStore = async () => {
      open++
      return { ...memoryUsers(), create: () => Promise.reject(new Error('broken')) }
    }
    describeUserStore('it', createStore, { ...runner, close: () => void open-- })
    expect((await failuresOf(runner.stories)).length).toBeGreaterThan(20)
    expect(open).toBe(0)
  })
})

describe('describeUserStore passes', () => {
  it('a store that keeps the contract', async () => {
    expect(await failuresWith(() => ({}))).toEqual([])
  })

  it('a store that takes its time', async () => {
    const slow = await failuresWith(store => ({
      create: values => pause().then(() => store.create(values)),
      update: (...all) => pause().then(() => store.update(...all)),
      find: by => pause().then(() => store.find(by)),
    }))
    expect(slow).toEqual([])
  })
})

describe('describeUserStore fails a store', () => {
  const isSame =
    'Two texts are the same only if all their code points are: not if they differ in case, in an accent, or in a blank at the end.'
  const keeps =
    'Every text that can be a username, an e-mail address, a name or a hash comes back as it went in, and every time to the millisecond.'

  it('that compares names as a case-insensitive or accent-insensitive collation does', async () => {
    const foldings: ((text: string) => string)[] = [
      text => text.toLowerCase(),
      text => text.normalize('NFD').replace(/\p{M}/gu, ''),
      text => text.toUpperCase(),
    ]
    for (const fold of foldings) {
      const failures = await failuresWith(store => ({
        create: values => store.create({ ...values, username: fold(values.username) }),
        find: by => store.find('username' in by ? { username: fold(by.username) } : by),
      }))
      expect(failures).toContain(isSame)
    }
  })

  it('that ignores blanks at the end', async () => {
    const failures = await failuresWith(store => ({
      find: by => store.find('username' in by ? { username: by.username.trimEnd() } : by),
    }))
    expect(failures).toContain('finds nobody by half of a text, a pattern, or a text with a blank before or after it')
  })

  it('that cuts texts, knows no 4-byte characters, or keeps times in seconds', async () => {
    const changes: ((values: Parameters<Store['create']>[0]) => object)[] = [
      values => ({ username: values.username.slice(0, 150) }),
      values => ({ lastName: values.lastName.replace(/[\u{10000}-\u{10ffff}]/gu, '?') }),
      values => ({ password: values.password.slice(0, 128) }),
      values => ({ firstName: values.firstName.normalize('NFC') }),
      values => ({ firstName: values.firstName.trim() }),
      values => ({ joinedAt: new Date(Math.floor(values.joinedAt.getTime() / 1000) * 1000) }),
    ]
    for (const change of changes) {
      const failures = await failuresWith(store => ({
        create: values => store.create({ ...values, ...change(values) }),
      }))
      expect(failures).toContain(keeps)
    }
  })

  it('that looks whether a username is taken, and writes later', async () => {
    const failures = await failuresWith(store => {
      const names = new Map<string, string>()
      const named = (record: UserRecord | null) =>
        record && { ...record, username: names.get(record.id) ?? record.username }
      const find: Store['find'] = async by => {
        if (!('username' in by)) return named(await store.find(by))
        const [id] = [...names].find(([, name]) => name === by.username) ?? []
        return id === undefined ? null : named(await store.find({ id }))
      }
      return {
        find,
        async create(values) {
          if (await find({ username: values.username })) return null
          await pause()
          const id = await store.create({ ...values, username: randomUUID() })
          if (id !== null) names.set(id, values.username)
          return id
        },
      }
    })
    expect(failures).not.toContain('keeps every field as it is, set and unset')
    expect(failures).toContain(
      'Null, and nothing stored, if the username is taken: of several that create one username at the same time, one gets an id.',
    )
  })

  it('that writes over a password which was changed meanwhile', async () => {
    const careless = await failuresWith(store => ({ update: (id, changes) => store.update(id, changes) }))
    expect(careless).toContain('of 20 changes of one password hash, exactly one wins')
    const hasty = await failuresWith(store => ({
      async update(id, changes, { ifPassword } = {}) {
        const record = await store.find({ id })
        if (ifPassword !== undefined && record?.password !== ifPassword) return 'absent'
        await pause()
        return store.update(id, changes)
      },
    }))
    expect(hasty).toContain('of 20 changes of one password hash, exactly one wins')
  })

  it('whose epoch moves back', async () => {
    const failures = await failuresWith(store => {
      const epochs = new Map<string, number>()
      return {
        async update(id, changes, options) {
          const outcome = await store.update(id, changes, options)
          if (changes.sessionsValidFrom !== undefined) epochs.set(id, changes.sessionsValidFrom)
          return outcome
        },
        async find(by) {
          const record = await store.find(by)
          return record && { ...record, sessionsValidFrom: epochs.get(record.id) ?? record.sessionsValidFrom }
        },
      }
    })
    expect(failures).toContain(
      '`sessionsValidFrom` never moves back: of the old and the new value, the greater one stays.',
    )
    expect(failures).toContain(
      'of many epochs that are set at the same time, the latest stays, and no other field is lost',
    )
  })

  it('that writes whole records, and so undoes what another changed', async () => {
    const failures = await failuresWith(store => ({
      async update(id, changes) {
        const record = await store.find({ id })
        if (!record) return 'absent'
        await pause()
        return store.update(id, { ...record, ...changes })
      },
    }))
    expect(failures).toContain(
      'of many epochs that are set at the same time, the latest stays, and no other field is lost',
    )
  })

  it('that gives the first of several users with one e-mail address', async () => {
    const failures = await failuresWith(store => ({
      async find(by) {
        const users = await store.list({ limit: 1000 })
        return 'email' in by ? (users.find(({ email }) => email === by.email) ?? null) : store.find(by)
      },
    }))
    expect(failures).toContain('Several users may have one e-mail address: then it leads to nobody.')
  })

  it('that gives an id again', async () => {
    const failures = await failuresWith(store => {
      const known = new Map<string, string>()
      return {
        async create(values) {
          const id = await store.create(values)
          if (id === null) return null
          const again = known.get(values.username) ?? id
          known.set(values.username, again)
          return again
        },
      }
    })
    expect(failures).toContain('Stores a new user and gives their id, which no user ever had before.')
  })

  it('that chokes on an id of another kind', async () => {
    const failures = await failuresWith(store => ({
      async find(by) {
        if ('id' in by && !/^[\da-f-]{36}$/.test(by.id)) throw new Error('invalid input syntax for type uuid')
        return store.find(by)
      },
    }))
    expect(failures).toContain("A text that cannot be an id, such as a word where ids are numbers, is nobody's.")
  })

  it('whose list knows no limit, starts again, or leaves somebody out', async () => {
    const lists: ((store: Store) => Store['list'])[] = [
      store => options => store.list({ ...options, limit: 1e9 }),
      store => async options => (await store.list(options)).slice(0, -1),
      store =>
        async ({ after, limit }) =>
          (await store.list({ after, limit: 1000 })).reverse().slice(0, limit),
    ]
    for (const list of lists) {
      const failures = await failuresWith(store => ({ list: list(store) }))
      expect(failures).toContain(
        'At most `limit` users, in an order that never changes for those who are there, from the one after the user with the id `after`.',
      )
    }
  })

  it('that leaves members to a group which is made again', async () => {
    const failures = await failuresWith(store => ({
      async deleteGroup(name) {
        const group = (await store.listGroups()).find(other => other.name === name)
        for (const permission of group?.permissions ?? []) await store.revoke({ group: name }, permission)
        return group !== undefined
      },
    }))
    expect(failures).toContain('Removes the group, and with it what its users had through it.')
  })
})

/** What the comments of the contract say of a store's behaviour, sentence by sentence. */
function contractSentences(): string[] {
  const source = readFileSync(new URL('../auth/users/user-store.ts', import.meta.url), 'utf8')
  const parts = source.split(/^export interface /m)
  const inside = parts.filter(part => /^(UserStore|UserGroups)\b/.test(part))
  const comments = inside.flatMap(part => commentsIn(part.slice(0, part.indexOf('\n}'))))
  const headers = ['UserStore', 'UserGroups'].map(
    name => commentsIn(source.slice(0, source.indexOf(`export interface ${name}`))).at(-1) ?? '',
  )
  return [...comments, ...headers].flatMap(sentencesOf).filter(sentence => !isOfOthers(sentence))
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
  return comment.split(/(?<=\.) (?=[A-Z`'])/)
}

/** Sentences that say what others do, or what the contract is; and those that take every story to show. */
function isOfOthers(sentence: string): boolean {
  return /^(Where users rest|Whatever a visitor|`createUsers` has|`describeUserStore` of|A store that keeps|A permission is|A store without|Every method rejects)/.test(
    sentence,
  )
}
