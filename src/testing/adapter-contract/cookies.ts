import assert from 'node:assert/strict'
import { isKeepsakeError } from '../../errors.ts'
import { type Page, page, type Visit } from './app.ts'
import { Gate } from './gate.ts'
import { assertNoCookie, cookieName, knownVisitor, textOf } from './site.ts'
import { firstBytes } from './streaming.ts'
import type { AdapterSuite } from './suite.ts'

/** What becomes of the cookies that a program reads and sets beside its sessions. */
export function tellOfCookies(suite: AdapterSuite): void {
  suite.group('the cookies of a program', () => {
    tellOfSetting(suite)
    tellOfCaches(suite)
    tellOfCookiesAndSessions(suite)
    tellOfCookiesThatAreNotSent(suite)
  })
}

const readsTheme: Page = visit => page(visit.cookies().get('theme') ?? 'no theme')
const setsTheme: Page = visit => {
  visit.cookies().set('theme', 'dark')
  return page('set')
}

function tellOfSetting({ story }: AdapterSuite): void {
  story('are set with safe attributes, come back, and are deleted where they were set', async open => {
    const site = await open({
      '/read': readsTheme,
      '/set': setsTheme,
      '/delete': visit => {
        visit.cookies().delete('theme')
        return page('deleted')
      },
    })
    const ada = site.visitor()
    const lines = async (path: string): Promise<string[]> => (await ada.fetch(path)).headers.getSetCookie()
    assert.deepEqual(await lines('/set'), ['theme=dark; Path=/; HttpOnly; Secure; SameSite=Lax'])
    assert.equal(await textOf(ada.fetch('/read')), 'dark')
    assert.equal(await textOf(site.visitor().fetch('/read')), 'no theme')
    assert.deepEqual(await lines('/delete'), ['theme=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax'])
    assert.equal(await textOf(ada.fetch('/read')), 'no theme')
    assert.deepEqual(site.store.calls, [])
  })

  story('are set once for each name, and keep those that the program set without the jar', async open => {
    const site = await open({
      '/': visit => {
        visit.cookies().set('theme', 'light')
        visit.cookies().set('lang', 'en')
        visit.cookies().set('theme', 'dark')
        return page('', { headers: [['Set-Cookie', 'own=1']] })
      },
    })
    const response = await site.visitor().fetch('/')
    const pairs = response.headers.getSetCookie().map(line => line.split(';', 1)[0])
    assert.deepEqual(pairs.sort(), ['lang=en', 'own=1', 'theme=dark'])
  })

  story('are one jar throughout the request, which knows what was set in it', async open => {
    const site = await open({
      '/': visit => {
        visit.cookies().set('theme', 'dark')
        return page(`${visit.cookies().get('theme')} ${new Set([visit.cookies(), visit.cookies()]).size}`)
      },
    })
    assert.equal(await textOf(site.visitor().fetch('/')), 'dark 1')
  })

  story('are set by an answer without a body and by a redirect as well', async open => {
    const site = await open({
      '/empty': visit => {
        visit.cookies().set('theme', 'empty')
        return { status: 204, headers: [], body: '' }
      },
      '/moved': visit => {
        visit.cookies().set('theme', 'moved')
        return { status: 303, headers: [['Location', '/next']], body: '' }
      },
    })
    const ada = site.visitor()
    for (const theme of ['empty', 'moved']) {
      await (await ada.fetch(`/${theme}`)).text()
      assert.equal(ada.get('theme'), theme)
    }
  })
}

function tellOfCaches({ story }: AdapterSuite): void {
  const cacheHeaders = async (answer: Promise<Response>): Promise<(string | null)[]> => {
    const { headers } = await answer
    return [headers.get('Vary'), headers.get('Cache-Control')]
  }

  story('that were read make the answer vary by them', async open => {
    const site = await open({ '/': readsTheme, '/has': visit => page(String(visit.cookies().has('theme'))) })
    assert.deepEqual(await cacheHeaders(site.visitor().fetch('/')), ['Cookie', null])
    assert.deepEqual(await cacheHeaders(site.visitor().fetch('/has')), ['Cookie', null])
  })

  story('that were set keep the answer out of shared caches, also a public one (CVE-2024-26144)', async open => {
    const choosing = (policy: string): Page => {
      return visit => {
        visit.cookies().set('theme', 'dark')
        return page('', { headers: [['Cache-Control', policy]] })
      }
    }
    const mine = 'private, max-age=60'
    const site = await open({ '/': setsTheme, '/mine': choosing(mine), '/public': choosing('public, max-age=60') })
    assert.deepEqual(await cacheHeaders(site.visitor().fetch('/')), [null, 'private, no-store'])
    assert.deepEqual(await cacheHeaders(site.visitor().fetch('/mine')), [null, mine])
    assert.deepEqual(await cacheHeaders(site.visitor().fetch('/public')), [null, 'private, no-store'])
  })

  story('of which nothing was asked leave the answer as it is', async open => {
    const site = await open({
      '/': visit => {
        visit.cookies()
        return page('')
      },
    })
    const response = await site.visitor().fetch('/')
    for (const name of ['Set-Cookie', 'Vary', 'Cache-Control']) assert.equal(response.headers.get(name), null)
  })
}

/** Both orders: the jar is touched before the session, or after it. */
const both: Readonly<Record<string, Page>> = {
  '/jar-first': visit => useBoth(visit, true),
  '/session-first': visit => useBoth(visit, false),
}

async function useBoth(visit: Visit, jarFirst: boolean): Promise<ReturnType<typeof page>> {
  if (jarFirst) visit.cookies().set('theme', 'dark')
  const session = await visit.session()
  const visits = session.update('visits', (n = 0) => n + 1)
  if (!jarFirst) visit.cookies().set('theme', 'dark')
  return page(String(visits))
}

function tellOfCookiesAndSessions({ story }: AdapterSuite): void {
  story('leave together with that of the session, which is saved before', async open => {
    const site = await open(both)
    for (const path of Object.keys(both)) {
      const ada = site.visitor()
      const response = await ada.fetch(path)
      assert.equal(await response.text(), '1')
      assert.equal(response.headers.getSetCookie().length, 2)
      assert.equal(response.headers.get('Vary'), 'Cookie')
      assert.equal(response.headers.get('Cache-Control'), 'private, no-store')
      assert.equal(ada.get('theme'), 'dark')
      assert.ok(ada.get(cookieName))
      assert.equal(await textOf(ada.fetch('/count')), '2')
    }
  })

  story('are dropped with the answer when the session cannot be saved', async open => {
    const site = await open(both)
    const ada = await knownVisitor(site)
    site.store.breakDown('replace')
    for (const path of Object.keys(both)) {
      const response = await ada.fetch(path)
      await response.text()
      assert.equal(response.status, 503)
      assertNoCookie(response)
      assert.equal(ada.get('theme'), undefined)
    }
  })
}

function tellOfCookiesThatAreNotSent({ story }: AdapterSuite): void {
  story('are refused when the headers have left', async open => {
    const gate = new Gate()
    const codes: unknown[] = []
    const late = async function* (visit: Visit): AsyncGenerator<string> {
      yield 'first\n'
      await gate.pass()
      codes.push(codeOf(() => visit.cookies().set('theme', 'late')))
      codes.push(codeOf(() => visit.cookies().delete('theme')))
      yield `${visit.cookies().get('theme')}\n`
    }
    const site = await open({ '/set': setsTheme, '/stream': visit => page(late(visit)) })
    const ada = site.visitor()
    await ada.fetch('/set')
    const response = await ada.fetch('/stream')
    assertNoCookie(response)
    const stream = await firstBytes(response)
    gate.open()
    assert.match(await stream.rest(), /dark/)
    assert.deepEqual(codes, ['HEADERS_SENT', 'HEADERS_SENT'])
  })

  story('that browsers would drop are refused at the call', async open => {
    const codes: unknown[] = []
    const site = await open({
      '/': visit => {
        codes.push(codeOf(() => visit.cookies().set('theme', 'dark; Domain=evil.example')))
        codes.push(codeOf(() => visit.cookies().set('__Host-theme', 'dark', { path: '/shop' })))
        return page('refused')
      },
    })
    const response = await site.visitor().fetch('/')
    assertNoCookie(response)
    assert.deepEqual(codes, ['COOKIE_INVALID', 'COOKIE_INVALID'])
  })
}

/** The code of what a call throws. */
function codeOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return isKeepsakeError(error) ? error.code : error
  }
}
