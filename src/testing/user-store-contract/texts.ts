import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { UserStore } from '../../auth/users/user-store.ts'
import { assertHolds, createUser, findUser, newUser } from './samples.ts'
import type { UserSuite } from './suite.ts'

/** The sentences of `UserStore` on what it compares and keeps. */
export function tellOfTexts(suite: UserSuite<UserStore>): void {
  tellOfComparing(suite)
  tellOfKeeping(suite)
}

/** Endings of which a careless collation takes some for the same. All are in Unicode's form NFKC. */
const alike = [
  'ada',
  'Ada',
  'ADA',
  'äda',
  'ÄDA',
  'ádá',
  'ada_',
  'ada.',
  'ss',
  'ß',
  'ẞ',
  'i',
  'ı',
  'İ',
  'ñ',
  'n',
  'ø',
  'o',
  'æ',
  'ae',
]
const lookalike = ['а', 'a', 'Ω', 'ω', '١', '1', '𝐀'.normalize('NFKC'), '𐐀', '𐐨', '𠮷', '吉', 'が', 'か', 'ア', 'あ']

function tellOfComparing({ story }: UserSuite<UserStore>): void {
  story(
    'Two texts are the same only if all their code points are: not if they differ in case, in an accent, or in a blank at the end.',
    async store => {
      const start = randomUUID()
      const names = [...new Set([...alike, ...lookalike])].map(end => `${start}${end}`)
      const ids = new Map<string, string>()
      for (const name of names)
        ids.set(name, await createUser(store, newUser({ username: name, email: `${name}@x.org` })))
      for (const [name, id] of ids) {
        assert.equal((await store.find({ username: name }))?.id, id, name)
        assert.equal((await store.find({ email: `${name}@x.org` }))?.id, id, name)
      }
    },
  )

  story('finds nobody by half of a text, a pattern, or a text with a blank before or after it', async store => {
    const values = newUser()
    await createUser(store, values)
    for (const field of ['username', 'email'] as const) {
      const text = values[field]
      const others = [`${text} `, ` ${text}`, text.slice(0, -1), `${text.slice(0, -1)}%`, `${text.slice(0, -1)}_`, '%']
      for (const other of others) {
        assert.equal(await store.find(field === 'email' ? { email: other } : { username: other }), null, other)
      }
    }
  })

  story('renames a user to what differs only in case or an accent', async store => {
    const start = randomUUID()
    const id = await createUser(store, newUser({ username: `${start}ada` }))
    for (const end of ['Ada', 'Äda', 'ada']) {
      assert.equal(await store.update(id, { username: `${start}${end}` }), 'updated')
      assert.equal((await findUser(store, id)).username, `${start}${end}`)
    }
  })
}

function tellOfKeeping({ story }: UserSuite<UserStore>): void {
  story(
    'Every text that can be a username, an e-mail address, a name or a hash comes back as it went in, and every time to the millisecond.',
    async store => {
      const start = randomUUID()
      const username = start + '𐐀'.repeat(150 - start.length)
      const values = newUser({
        username,
        email: `${start}${'é'.repeat(254 - start.length - 12)}@example.com`,
        firstName: 'Zoë \'x\' "y" \\ % _ ; -- 😀 𠮷 e\u0301 \u202e ',
        lastName: '😀'.repeat(150),
        password: '$'.repeat(255),
        joinedAt: new Date(1_767_225_600_123),
        lastLoginAt: new Date(253_402_300_799_999),
      })
      const id = await createUser(store, values)
      await assertHolds(store, id, values)
      assert.equal((await store.find({ username }))?.id, id)
      assert.equal((await store.find({ email: values.email }))?.id, id)
      assert.equal(await store.update(id, { lastLoginAt: new Date(1), joinedAt: new Date(1) }), 'updated')
      await assertHolds(store, id, { ...values, lastLoginAt: new Date(1), joinedAt: new Date(1) })
    },
  )
}
