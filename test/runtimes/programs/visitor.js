// What the programs share: a visitor with a cookie, and the story that every store and engine has to tell.
import { withSessions } from 'keepsake/fetch'

/** Throws unless both are the same, as JSON. */
export function same(found, expected, what) {
  const [is, due] = [JSON.stringify(found), JSON.stringify(expected)]
  if (is !== due) throw new Error(`${what} is ${is}, not ${due}`)
}

/** A visitor that keeps the cookies of a site. */
export class Visitor {
  cookies = new Map()
  #handler

  constructor(handler, cookies = []) {
    this.#handler = handler
    for (const [name, value] of cookies) this.cookies.set(name, value)
  }

  async open(path) {
    const cookie = [...this.cookies].map(pair => pair.join('=')).join('; ')
    const request = new Request(`https://localhost${path}`, { headers: cookie ? { Cookie: cookie } : {} })
    const response = await this.#handler(request)
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]*)=([^;]*)/.exec(line)
      if (/Max-Age=0/.test(line)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return `${response.status} ${await response.text()}`
  }

  copy() {
    return new Visitor(this.#handler, this.cookies)
  }
}

/** Counts, logs in, logs out. `revocable`: whether a logout ends copies of the cookie too; `facts` go with the login. */
export async function tellStory(sessions, { revocable = true, facts = {} } = {}) {
  const handler = withSessions(sessions, async request => {
    const session = await sessions.of(request)
    const { pathname } = new URL(request.url)
    if (pathname === '/login') session.rotate({ userId: 'ada', facts })
    if (pathname === '/logout') session.destroy()
    if (pathname === '/visit') session.update('visits', (n = 0) => n + 1)
    return new Response(`${session.userId} ${session.get('visits', 0)}`)
  })
  const visitor = new Visitor(handler)
  same(await visitor.open('/visit'), '200 null 1', 'the first visit')
  same(await visitor.open('/visit'), '200 null 2', 'the second visit')
  const before = visitor.copy()
  same(await visitor.open('/login'), '200 ada 2', 'the login')
  if (revocable) same(await before.open('/'), '200 null 0', 'the session before the login')
  const both = await Promise.all([visitor.copy().open('/visit'), visitor.copy().open('/visit')])
  same(
    both.every(page => page.startsWith('200 ada')),
    true,
    'whether two visits at once are served',
  )
  if (revocable) same(await visitor.open('/'), '200 ada 4', 'the count after two visits at once')
  const thief = visitor.copy()
  await visitor.open('/logout')
  same(await visitor.open('/'), '200 null 0', 'the session after the logout')
  if (revocable) same(await thief.open('/'), '200 null 0', 'the copied session after the logout')
}
