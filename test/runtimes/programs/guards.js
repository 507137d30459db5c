import { createSessions } from 'keepsake'
import { createAuth, memoryUsers, scrypt } from 'keepsake/auth'
import { fetchAuth } from 'keepsake/auth/fetch'
import { withSessions } from 'keepsake/fetch'
import { memoryStore } from 'keepsake/stores/memory'
import { same } from './visitor.js'

const sessions = createSessions({ store: memoryStore() })
const auth = createAuth({
  ...{ sessions, users: memoryUsers(), passwords: { hasher: scrypt() } },
  secrets: '3f6c0b2e9d7a41585ce0a1f4b7d2936840e5c1aa',
})
const { login, requireUser } = fetchAuth(auth)
const account = requireUser(async request => new Response((await auth.user(request)).username))

const handler = withSessions(sessions, request =>
  new URL(request.url).pathname === '/login' ? login()(request) : account(request),
)

async function open(path, headers = {}, init = {}) {
  const json = { Accept: 'application/json', 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-origin' }
  return handler(new Request(`https://localhost${path}`, { ...init, headers: { ...json, ...headers } }))
}

export async function run() {
  await auth.users.create({ username: 'ada', password: 'lantern-orbit-42' })
  same((await open('/account')).status, 401, 'the account of nobody')
  const body = JSON.stringify({ username: 'ada', password: 'lantern-orbit-42' })
  const answer = await open('/login', {}, { method: 'POST', body })
  same(answer.status, 200, 'the login')
  const Cookie = answer.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
  same(await (await open('/account', { Cookie })).text(), 'ada', 'the account')
}
