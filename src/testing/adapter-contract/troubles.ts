import assert from 'node:assert/strict'
import { isKeepsakeError } from '../../errors.ts'
import type { CookieJar } from '../cookie-jar.ts'
import { page } from './app.ts'
import { assertNoCookie, cookieName, knownVisitor, type Site, textOf } from './site.ts'
import type { AdapterSuite } from './suite.ts'

/** What a visitor sees when the store is in trouble: an error, never somebody's absence. */
export function tellOfTroubles(suite: AdapterSuite): void {
  suite.group('a save that fails', () => {
    tellOfFailedSaves(suite)
    tellOfFailedEndings(suite)
  })
  suite.group('a store that is down', () => tellOfStoreDown(suite))
  suite.group('a store that hangs', () => tellOfStoreHanging(suite))
}

/** That a request fails with 503, and leaves the browser as it was. */
async function assertRefused(browser: CookieJar, path: string, status = 503): Promise<string> {
  const before = browser.header('/')
  const response = await browser.fetch(path)
  const text = await response.text()
  assert.equal(response.status, status, text)
  assertNoCookie(response)
  assert.equal(browser.header('/'), before)
  return text
}

function tellOfFailedSaves({ story }: AdapterSuite): void {
  story('is answered with 503, and a new visitor gets no cookie', async open => {
    const site = await open()
    const ada = site.visitor()
    site.store.breakDown('create')
    await assertRefused(ada, '/count')
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/count')), '1')
  })

  story('is answered with 503, and a known visitor keeps the session as it was', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    site.store.breakDown('replace')
    await assertRefused(ada, '/count')
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/count')), '2')
  })

  story('drops the answer of the program, and the headers that describe it', async open => {
    const site = await open({
      '/download': async visit => {
        const session = await visit.session()
        session.set('name', 'ada')
        const ofTheAnswer = [
          ['Content-Disposition', 'attachment'],
          ['Cache-Control', 'public, max-age=600'],
          ['ETag', '"the-file"'],
        ] as const
        return page('the file', { headers: ofTheAnswer })
      },
    })
    site.store.breakDown('create')
    const response = await site.visitor().fetch('/download')
    assert.equal(response.status, 503)
    assert.doesNotMatch(await response.text(), /the file/)
    assert.equal(response.headers.get('Content-Disposition'), null)
    assert.notEqual(response.headers.get('ETag'), '"the-file"')
    assert.doesNotMatch(response.headers.get('Cache-Control') ?? '', /public/)
  })

  story('drops a stream before its first byte', async open => {
    const site = await open({
      '/stream': async visit => {
        const session = await visit.session()
        session.set('name', 'ada')
        return page(ticks())
      },
    })
    site.store.breakDown('create')
    assert.doesNotMatch(await assertRefused(site.visitor(), '/stream'), /tick/)
    assert.equal(await textOf(site.visitor().fetch('/plain')), 'plain')
  })
}

function tellOfFailedEndings({ story }: AdapterSuite): void {
  story('of a logout is answered with 503, and the browser keeps the cookie to try again', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    site.store.breakDown('delete')
    await assertRefused(ada, '/logout')
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/visits')), '1')
    assert.equal(await textOf(ada.fetch('/logout')), 'bye')
    assert.equal(ada.get(cookieName), undefined)
  })

  story('of a rotation leaves the old cookie valid', async open => {
    const site = await open({
      '/login': async visit => {
        const session = await visit.session()
        session.rotate({ userId: 'ada' })
        return page('welcome')
      },
    })
    const ada = await knownVisitor(site)
    site.store.breakDown('replace')
    await assertRefused(ada, '/login')
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/count')), '2')
  })
}

function tellOfStoreDown({ story }: AdapterSuite): void {
  const breakDown = (site: Site): void => site.store.breakDown('read', 'create', 'replace', 'delete')

  story('is answered with 503, and never makes a known visitor a stranger', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    breakDown(site)
    for (const path of ['/visits', '/count', '/logout']) await assertRefused(ada, path)
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/visits')), '1')
  })

  story('does not touch those who do not touch it', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    breakDown(site)
    assert.equal(await textOf(ada.fetch('/plain')), 'plain')
    assert.equal(await textOf(site.visitor().fetch('/visits')), '0')
  })

  story('may be answered by the program itself', async open => {
    const site = await open({
      '/': async visit => {
        const error = await visit.session().catch((reason: unknown) => reason)
        return page(isKeepsakeError(error, 'STORE_FAILED') ? 'come back later' : 'welcome')
      },
    })
    const ada = await knownVisitor(site)
    breakDown(site)
    const response = await ada.fetch('/')
    assertNoCookie(response)
    assert.equal(await response.text(), 'come back later')
  })
}

function tellOfStoreHanging({ story }: AdapterSuite): void {
  story('is given up at its deadline: 503 when the session is asked for', async open => {
    const site = await open({}, { storeDeadline: '50ms' })
    const ada = await knownVisitor(site)
    site.store.hang('read')
    await assertRefused(ada, '/visits')
    assert.equal(await textOf(ada.fetch('/plain')), 'plain')
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/visits')), '1')
  })

  story('is given up at its deadline: 503 when the session is saved', async open => {
    const site = await open({}, { storeDeadline: '50ms' })
    const ada = await knownVisitor(site)
    site.store.hang('create', 'replace', 'delete')
    await assertRefused(ada, '/count')
    await assertRefused(site.visitor(), '/count')
    site.store.repair()
    assert.equal(await textOf(ada.fetch('/count')), '2')
  })
}

/** A stream of many parts; pauses between them, so that other requests have their turn. */
async function* ticks(): AsyncGenerator<string> {
  for (let n = 0; n < 100; n++) {
    yield 'tick\n'
    await new Promise(resolve => setImmediate(resolve))
  }
}
