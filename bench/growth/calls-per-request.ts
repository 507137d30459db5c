import { withSessions } from '../../src/adapters/fetch.ts'
import { createSessions } from '../../src/index.ts'
import type { SessionStore } from '../../src/stores/store.ts'

interface Data {
  user: string
  visits: number
}

/** How many calls of the store a request makes that does not touch the session, that reads it, and that writes it. */
export async function callsPerRequest(store: SessionStore): Promise<string> {
  let calls = 0
  const counted = new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        calls++
        return method.apply(target, args)
      }
    },
  })
  const sessions = createSessions<Data>({ store: counted })
  const site = withSessions(sessions, async request => {
    const { pathname } = new URL(request.url)
    if (pathname === '/untouched') return new Response()
    const session = await sessions.of(request)
    if (pathname === '/login') session.assign({ user: 'somebody', visits: 0 })
    if (pathname === '/write') session.update('visits', (n = 0) => n + 1)
    if (pathname === '/logout') session.destroy()
    return new Response(session.get('user') ?? null)
  })
  const login = await site(new Request('https://localhost/login'))
  const [cookie = ''] = (login.headers.get('Set-Cookie') ?? '').split(';')
  const ask = async (path: string): Promise<number> => {
    calls = 0
    const response = await site(new Request(`https://localhost${path}`, { headers: { cookie } }))
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return calls
  }
  const counts = [await ask('/untouched'), await ask('/read'), await ask('/write')]
  await ask('/logout')
  return counts.join(', ')
}
