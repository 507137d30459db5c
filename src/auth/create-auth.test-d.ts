import { DatabaseSync } from 'node:sqlite'
import type { RequestHandler } from 'express'
import { expectTypeOf, test } from 'vitest'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import { createAuth } from './create-auth.ts'
import { expressAuth } from './guards/express.ts'
import { databaseUsers } from './users/database/database-users.ts'
import { memoryUsers } from './users/memory-users.ts'

declare const request: object

interface Own {
  tenant: string
  phone: string | null
}

const secrets = 'Nf0tN7mZ1xqzWqCkzjYxQ2c0u1n3vLhM8JrGdPpTwSE'
const sessions = createSessions({ store: memoryStore() })
const auth = createAuth({ sessions, secrets, users: memoryUsers<Own>() })

test('own fields reach whoever is logged in', async () => {
  expectTypeOf((await auth.user(request))?.tenant).toEqualTypeOf<string | undefined>()
  expectTypeOf((await auth.requireUser(request)).phone).toEqualTypeOf<string | null>()
  expectTypeOf((await auth.requirePermission(request, 'blog.publish')).tenant).toEqualTypeOf<string>()
  expectTypeOf((await auth.requireGroup(request, 'editors')).tenant).toEqualTypeOf<string>()
  expectTypeOf((await auth.requireFresh(request)).tenant).toEqualTypeOf<string>()
  await auth.requireThat(request, 'a tenant', user => user.tenant === 'acme')
  // @ts-expect-error: it is no field of a user.
  await auth.requireThat(request, 'a tenant', user => user.tenants === 'acme')
})

test('and whoever is about to be, and is not without them', async () => {
  const { user } = await auth.authenticate(request, { username: 'ada', password: 'x' })
  expectTypeOf(user?.tenant).toEqualTypeOf<string | undefined>()
  if (user) expectTypeOf(auth.pauseLogin(user)).toEqualTypeOf<string>()
  expectTypeOf((await auth.resumeLogin('x'))?.tenant).toEqualTypeOf<string | undefined>()
  await auth.users.create({ username: 'ada', tenant: 'acme' })
  // @ts-expect-error: `tenant` cannot be null, so that it cannot be left out.
  await auth.users.create({ username: 'ada' })
  const plain = createAuth({ sessions, secrets, users: memoryUsers() })
  // @ts-expect-error: without own fields there is none.
  ;(await plain.requireUser(request)).tenant
})

test('and the guards of a framework', () => {
  const { requireThat } = expressAuth(auth)
  expectTypeOf(requireThat('a tenant', user => user.tenant === 'acme')).toExtend<RequestHandler>()
  // @ts-expect-error: it is no field of a user.
  requireThat('a tenant', user => user.tenants === 'acme')
})

test('from the columns of databaseUsers too', async () => {
  const users = databaseUsers(new DatabaseSync(':memory:'), { fields: { tenant: 'text' } })
  const site = createAuth({ sessions, secrets, users })
  expectTypeOf((await site.requireUser(request)).tenant).toEqualTypeOf<string | null>()
})
