import { createSessions } from 'keepsake'
import { createAuth, databaseUsers, memoryUsers, scrypt } from 'keepsake/auth'
import { withSessions } from 'keepsake/fetch'
import { memoryStore } from 'keepsake/stores/memory'
import { same, Visitor } from './visitor.js'

const store = memoryStore()
const sessions = createSessions({ store })
const auth = createAuth({
  ...{ sessions, users: memoryUsers(), passwords: { hasher: scrypt() }, remember: { store } },
  secrets: '3f6c0b2e9d7a41585ce0a1f4b7d2936840e5c1aa',
})

const handler = withSessions(sessions, async request => {
  const { pathname } = new URL(request.url)
  if (pathname === '/login') {
    const { user } = await auth.authenticate(request, { username: 'ada', password: 'lantern-orbit-42' })
    if (user) await auth.login(request, user, { remember: true })
  }
  if (pathname === '/logout') await auth.logout(request)
  return new Response((await auth.user(request))?.username ?? 'nobody')
})

export async function run() {
  same(typeof databaseUsers, 'function', 'databaseUsers')
  await auth.users.create({ username: 'ada', password: 'lantern-orbit-42' })
  const visitor = new Visitor(handler)
  same(await visitor.open('/'), '200 nobody', 'the first page')
  same(await visitor.open('/login'), '200 ada', 'the page after the login')
  visitor.cookies.delete('__Host-session')
  same(await visitor.open('/'), '200 ada', 'the page of a remembered browser')
  await visitor.open('/logout')
  same(await visitor.open('/'), '200 nobody', 'the page after the logout')
}
