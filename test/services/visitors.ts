import { createHash } from 'node:crypto'
import { createSessions, type SessionEvent, type SessionOptions } from '../../src/index.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { Browser, type Data, type Page, site } from '../support/site.ts'

/** The pages of a site where one can log in. A visitor is known by a name, which is the user's too. */
const pages: Record<string, Page> = {
  '/begin': async (session, { url }) => (await session()).set('name', new URL(url).searchParams.get('name') ?? ''),
  '/name': async session => (await session()).get('name') ?? null,
  '/data': async session => (await session()).toObject(),
  '/count': async session => (await session()).update('count', (n = 0) => n + 1),
  '/login': async session => {
    const current = await session()
    current.rotate({ userId: current.get('name') ?? null })
  },
  '/rotate': async session => (await session()).rotate(),
  '/logout': async session => (await session()).destroy(),
}

/** A browser of a site whose sessions rest in this store. */
export function visitorOf(store: SessionStore, options: Partial<SessionOptions<Data>> = {}): Browser {
  return new Browser(site(createSessions<Data>({ store, ...options }), pages))
}

/** A browser in which somebody has logged in. */
export async function loggedIn(
  name: string,
  store: SessionStore,
  options: Partial<SessionOptions<Data>> = {},
): Promise<Browser> {
  const browser = visitorOf(store, options)
  await browser.see(`/begin?name=${name}`)
  await browser.see('/login')
  return browser
}

/** Another browser that holds the same cookie. */
export function samePerson(
  visitor: Browser,
  store: SessionStore,
  options: Partial<SessionOptions<Data>> = {},
): Browser {
  const copy = visitorOf(store, options)
  copy.cookie = visitor.cookie
  return copy
}

/** The public handle of a browser's session. */
export function idOf({ token }: Browser): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** Collects events, by their type. */
export function eventsOf(): { types: SessionEvent['type'][]; onEvent: (event: SessionEvent) => void } {
  const types: SessionEvent['type'][] = []
  return { types, onEvent: ({ type }) => void types.push(type) }
}

/** A token in every way in which it might be written down. */
export function spellingsOf(token: string): string[] {
  const bytes = Buffer.from(token, 'base64url')
  return [token, ...(['base64', 'hex', 'latin1', 'utf8'] as const).map(encoding => bytes.toString(encoding))]
}
