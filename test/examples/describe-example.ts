import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { type ExampleServer, install, runScript, startExample } from './example-server.ts'
import { FormBrowser } from './form-browser.ts'
import { exampleStory } from './story.ts'

interface Differences {
  /** The path that counts a visit each time it is opened. @default '/' */
  readonly counter?: string
  /** A page that reads the session and changes nothing, if there is one. */
  readonly readOnlyPage?: string
  /** With what status an error of Keepsake is answered that nobody catches. @default 503 */
  readonly unsaved?: number
}

const minutes = 60_000
const wanted = (process.env.KEEPSAKE_EXAMPLES ?? '').split(',')
const cookieLine =
  /^__Host-session=[\w-]{43};(?=.* Max-Age=1209600\b)(?=.* Path=\/(;|$))(?=.* HttpOnly\b)(?=.* Secure\b)(?=.* SameSite=Lax\b)/i

/** Builds an example as it would be deployed, starts it, and tells it the story that all examples share, and what HTTP shows beyond. */
export function describeExample(
  name: string,
  { counter = '/', readOnlyPage, unsaved = 503 }: Differences = {},
  more: (server: () => ExampleServer) => void = () => undefined,
): void {
  const skipped = !wanted.includes('all') && !wanted.includes(name)
  const reason = skipped ? ` (skipped, since it downloads packages: KEEPSAKE_EXAMPLES=${name}, or all, runs it)` : ''

  describe.skipIf(skipped)(`examples/${name}${reason}`, () => {
    let server: ExampleServer
    const visit = (jar: CookieJar): Promise<Response> => jar.fetch(server.origin + counter)

    beforeAll(async () => {
      await install(name)
      server = await startExample(name)
    }, 10 * minutes)
    afterAll(() => server?.stop())

    it('type-checks', () => runScript(name, 'check'), 2 * minutes)

    it.skipIf(!readOnlyPage)('a visitor who only reads gets no cookie and no record', async () => {
      const response = await fetch(server.origin + readOnlyPage)
      expect(response.status).toBe(200)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(response.headers.get('Cache-Control')).toMatch(/no-store/)
      using database = new DatabaseSync(server.database)
      expect(database.prepare('SELECT count(*) AS records FROM session').get()).toEqual({ records: 0 })
    })

    exampleStory(name, () => server.origin)
    more(() => server)

    it('the first answer has the cookie, and no cache may keep it; the second has none', async () => {
      const jar = new CookieJar()
      const first = await visit(jar)
      expect(await visits(first)).toBe(1)
      expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(cookieLine)])
      expect(first.headers.get('Vary')).toMatch(/\bcookie\b/i)
      expect(first.headers.get('Cache-Control')).toBe('private, no-store')
      const second = await visit(jar)
      expect(await visits(second)).toBe(2)
      expect(second.headers.getSetCookie()).toEqual([])
      expect(second.headers.get('Vary')).toMatch(/\bcookie\b/i)
    })

    it('requests at the same time all count', async () => {
      const jar = new CookieJar()
      await visit(jar)
      await Promise.all(Array.from({ length: 40 }, async () => (await visit(jar)).text()))
      expect(await visits(await visit(jar))).toBe(42)
    })

    it('the answer waits for the save: what cannot be saved is answered with an error, and no cookie', async () => {
      const browser = new FormBrowser(server.origin)
      const jar = new CookieJar()
      await browser.open(readOnlyPage ?? '/')
      const before = browser.token
      using database = new DatabaseSync(server.database)
      // Whoever writes waits for this, longer than a session may take.
      database.exec('BEGIN IMMEDIATE')
      const response = await visit(jar)
      expect(response.status).toBe(unsaved)
      expect(response.headers.getSetCookie()).toEqual([])
      await browser.press('Log in', { username: 'ada' })
      expect(browser.status).toBe(unsaved)
      expect(browser.token).toBe(before)
      database.exec('ROLLBACK')
      expect(await visits(await visit(jar))).toBe(1)
    })
  })
}

async function visits(response: Response): Promise<number> {
  const text = await response.text()
  return Number(/Visit (?:<!-- -->)?(\d+)/.exec(text)?.[1] ?? text)
}
