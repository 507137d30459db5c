import type { Variant } from './variants.ts'

/** So many keep-alive connections at the same time, or fewer if told so, each with its own visitors, who have logged in. */
export const mostConnections = 16

/** What a browser sends to a server that gave it no cookie of its own: as long as a cookie of Keepsake's. */
const plainCookie = `__Host-session=${'x'.repeat(43)}`

/** Logs visitors in, makes sure that the server does what it is to do, and resolves with their cookies. */
export async function logIn(
  port: number,
  { answersAlike = false, visitors = mostConnections }: Variant,
): Promise<string[]> {
  const cookies: string[] = []
  while (cookies.length < visitors) {
    const users = Array.from({ length: mostConnections }, (_, i) => `user-${cookies.length + i}`)
    cookies.push(...(await Promise.all(users.map(user => logInOne(port, user)))))
  }
  if (answersAlike) return cookies.map(cookie => cookie || plainCookie)
  for (const [i, cookie] of cookies.slice(0, mostConnections).entries()) await check(port, `user-${i}`, cookie)
  return cookies
}

async function logInOne(port: number, user: string): Promise<string> {
  const response = await ask(port, `/login?user=${user}`)
  await response.text()
  return cookieOf(response)
}

async function check(port: number, user: string, cookie: string): Promise<void> {
  const seen = await (await ask(port, '/read', cookie)).text()
  if (seen !== user) throw new Error(`/read knows ${user} as ${seen}`)
  const written = await ask(port, '/write', cookie)
  const newer = cookieOf(written) || cookie
  const [first, second] = [await written.text(), await (await ask(port, '/write', newer)).text()]
  if (Number(second) !== Number(first) + 1) throw new Error(`/write counted ${first}, then ${second}`)
}

/** What a browser would send from now on: of two lines with one name, the last. */
function cookieOf({ headers }: Response): string {
  const pairs = headers.getSetCookie().map(line => line.slice(0, line.indexOf(';')))
  return [...new Map(pairs.map(pair => [pair.slice(0, pair.indexOf('=')), pair])).values()].join('; ')
}

async function ask(port: number, path: string, cookie = ''): Promise<Response> {
  const headers = { cookie, 'x-forwarded-proto': 'https' }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response
}
