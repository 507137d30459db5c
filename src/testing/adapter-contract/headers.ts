import assert from 'node:assert/strict'
import { type Page, page } from './app.ts'
import { assertNoCookie, knownVisitor, type Site } from './site.ts'
import type { AdapterSuite } from './suite.ts'

/** What an answer says to browsers and caches, and what it does not say. */
export function tellOfHeaders(suite: AdapterSuite): void {
  suite.group('an untouched request', () => tellOfUntouched(suite))
  suite.group('Vary', () => tellOfVary(suite))
  suite.group('Cache-Control', () => tellOfCacheControl(suite))
}

/** A page that changes the session and has these headers of its own. */
function changing(...headers: (readonly [string, string])[]): Page {
  return async visit => {
    const session = await visit.session()
    session.update('visits', (n = 0) => n + 1)
    return page('changed', { headers })
  }
}

async function headerOf(site: Site, name: string, path = '/'): Promise<string | null> {
  const response = await site.visitor().fetch(path)
  await response.text()
  return response.headers.get(name)
}

function tellOfUntouched({ story }: AdapterSuite): void {
  story('costs no call of the store, and its answer gets no header', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    for (const browser of [ada, site.visitor()]) {
      const response = await browser.fetch('/plain')
      assert.equal(await response.text(), 'plain')
      for (const name of ['Set-Cookie', 'Vary', 'Cache-Control']) assert.equal(response.headers.get(name), null)
    }
    assert.deepEqual(site.store.calls, [])
    assert.deepEqual(site.events, [])
  })

  story('keeps the headers that the program chose', async open => {
    const site = await open({
      '/': () =>
        page('', {
          status: 404,
          headers: [
            ['Vary', 'Accept'],
            ['Cache-Control', 'public'],
            ['X-Own', 'own'],
          ],
        }),
    })
    const { status, headers } = await (await knownVisitor(site)).fetch('/')
    assert.equal(status, 404)
    assert.equal(headers.get('Vary'), 'Accept')
    assert.equal(headers.get('Cache-Control'), 'public')
    assert.equal(headers.get('X-Own'), 'own')
  })
}

function tellOfVary({ story }: AdapterSuite): void {
  story('names Cookie once the session was asked for, even if it was only read, or not there', async open => {
    const site = await open({ '/': changing() })
    assert.equal(await headerOf(site, 'Vary'), 'Cookie')
    assert.equal(await headerOf(site, 'Vary', '/visits'), 'Cookie')
    const response = await (await knownVisitor(site)).fetch('/visits')
    assert.equal(response.headers.get('Vary'), 'Cookie')
  })

  story('keeps what the program put there', async open => {
    const site = await open({ '/': changing(['Vary', 'Accept-Encoding, Accept-Language']) })
    assert.equal(await headerOf(site, 'Vary'), 'Accept-Encoding, Accept-Language, Cookie')
  })

  story(
    'names Cookie no second time, nor where all is named (CVE-2026-6907: that alone keeps no cache out)',
    async open => {
      const site = await open({ '/': changing(['Vary', 'Origin, cookie']), '/all': changing(['Vary', '*']) })
      assert.equal(await headerOf(site, 'Vary'), 'Origin, cookie')
      assert.equal(await headerOf(site, 'Vary', '/all'), '*')
      assert.equal(await headerOf(site, 'Cache-Control', '/all'), 'private, no-store')
    },
  )
}

function tellOfCacheControl({ story }: AdapterSuite): void {
  story('forbids to keep an answer that sets the cookie', async open => {
    const site = await open({ '/': changing() })
    assert.equal(await headerOf(site, 'Cache-Control'), 'private, no-store')
  })

  story('stays as the program chose it, if no shared cache may keep the answer', async open => {
    for (const policy of ['private, max-age=60', 'no-store', 'max-age=60, Private']) {
      const site = await open({ '/': changing(['Cache-Control', policy]) })
      assert.equal(await headerOf(site, 'Cache-Control'), policy)
    }
  })

  story('that lets shared caches keep an answer which sets the cookie is replaced (CVE-2014-0473)', async open => {
    for (const policy of ['public, max-age=600', 'max-age=600', 'private, s-maxage=600', 'private="Set-Cookie"']) {
      const site = await open({ '/': changing(['Cache-Control', policy]) })
      assert.equal(await headerOf(site, 'Cache-Control'), 'private, no-store', policy)
      const ada = await knownVisitor(site)
      const unchanged = await ada.fetch('/')
      assertNoCookie(unchanged)
      assert.equal(unchanged.headers.get('Cache-Control'), policy)
    }
  })

  story('is not set where no cookie is: the session was read, or changed under the cookie it had', async open => {
    const site = await open({ '/': changing() })
    const ada = await knownVisitor(site)
    for (const path of ['/visits', '/']) {
      const response = await ada.fetch(path)
      assertNoCookie(response)
      assert.equal(response.headers.get('Cache-Control'), null)
    }
    assert.equal(await headerOf(site, 'Cache-Control', '/visits'), null)
  })
}
