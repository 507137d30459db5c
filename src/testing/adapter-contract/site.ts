import assert from 'node:assert/strict'
import { cookies } from '../../cookies/cookies.ts'
import { createSessions } from '../../create-sessions.ts'
import type { SessionEvent } from '../../events.ts'
import type { Sessions } from '../../session/sessions.ts'
import type { Duration } from '../../values/duration.ts'
import { CookieJar } from '../cookie-jar.ts'
import { type AdapterApp, commonPages, type MountedApp, type Page, page, type StoryData, type Visit } from './app.ts'
import { StoryStore } from './story-store.ts'

/** The name of the cookie that carries a story's session. */
export const cookieName = '__Host-session'

/** A small site on a framework, with its store in the story's hands. */
export interface Site {
  readonly sessions: Sessions<StoryData>
  readonly store: StoryStore
  /** What the sessions had to report, in its order. */
  readonly events: readonly SessionEvent[]
  /** Somebody who has not been here, with a browser of their own. */
  visitor(): CookieJar
}

export interface SiteOptions {
  readonly storeDeadline?: Duration
}

/** Opens a site with these pages beside the common ones. */
export async function openSite(
  mount: (app: AdapterApp) => MountedApp | Promise<MountedApp>,
  pages: Readonly<Record<string, Page>>,
  options: SiteOptions,
): Promise<Site & { close(): unknown }> {
  const store = new StoryStore()
  const events: SessionEvent[] = []
  const sessions = createSessions<StoryData>({ store, onEvent: event => void events.push(event), ...options })
  const all: Readonly<Record<string, Page>> = { ...commonPages, ...pages }
  const app: AdapterApp = {
    sessions,
    async answer(request, path) {
      const visit: Visit = { session: () => sessions.of(request), cookies: () => cookies(request) }
      return all[path]?.(visit) ?? page(`no page ${path}`, { status: 404 })
    },
  }
  const mounted = await mount(app)
  const fetch = (path: string, init?: RequestInit): Promise<Response> => mounted.fetch(path, init)
  return { sessions, store, events, visitor: () => new CookieJar({ fetch }), close: () => mounted.close() }
}

/** The text of an answer that went well. */
export async function textOf(answer: Promise<Response>): Promise<string> {
  const response = await answer
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return text
}

/** Somebody whose session is stored, with one visit counted. */
export async function knownVisitor(site: Site): Promise<CookieJar> {
  const browser = site.visitor()
  assert.equal(await textOf(browser.fetch('/count')), '1')
  assert.ok(browser.get(cookieName))
  site.store.calls.length = 0
  return browser
}

/** That an answer sets no cookie, and that the browser still sends what it sent before. */
export function assertNoCookie(response: Response): void {
  assert.deepEqual(response.headers.getSetCookie(), [])
}

/** Asks until the answer is as expected; fails if it is still not after 200 times. */
export async function eventually(ask: () => Promise<string>, expected: string): Promise<void> {
  for (let times = 1; times < 200; times++) if ((await ask()) === expected) return
  assert.equal(await ask(), expected)
}
