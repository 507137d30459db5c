import { DatabaseSync } from 'node:sqlite'
import { expectTypeOf, it } from 'vitest'
import { createAuth } from '../../src/auth/create-auth.ts'
import { expressAuth } from '../../src/auth/guards/express.ts'
import { databaseUsers } from '../../src/auth/users/database/database-users.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { secret } from './auth-site.ts'

const users = databaseUsers(new DatabaseSync(':memory:'), { fields: { phone: 'text', points: 'number' } })
const auth = createAuth({ sessions: createSessions({ store: memoryStore() }), users, secrets: secret })
const request = new Request('https://site.example/')

it('own fields are typed wherever a user is given out', () => {
  type Given = NonNullable<Awaited<ReturnType<typeof auth.user>>>
  expectTypeOf<Given['phone']>().toEqualTypeOf<string | null>()
  expectTypeOf<Given['points']>().toEqualTypeOf<number | null>()
  expectTypeOf(auth.requireUser(request)).resolves.toHaveProperty('phone')
  expectTypeOf(auth.users.find({ username: 'ada' }))
    .resolves.extract<object>()
    .toHaveProperty('phone')
  auth.requireThat(request, 'points', user => (user.points ?? 0) > 5)
  expressAuth(auth).requireThat('points', user => (user.points ?? 0) > 5)
})

it('and what is no field is none', () => {
  // @ts-expect-error there is no such field
  auth.requireThat(request, 'credit', user => user.credit > 5)
  // @ts-expect-error nor in the guards
  expressAuth(auth).requireThat('credit', user => user.credit > 5)
})
