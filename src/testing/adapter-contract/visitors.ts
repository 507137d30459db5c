import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { page } from './app.ts'
import { assertNoCookie, cookieName, knownVisitor, textOf } from './site.ts'
import type { AdapterSuite } from './suite.ts'

/** What visitors see of their sessions on a site where all is well. */
export function tellOfVisitors(suite: AdapterSuite): void {
  suite.group('a visitor', () => {
    tellOfSessions(suite)
    tellOfTellingApart(suite)
    tellOfBadCookies(suite)
  })
}

function tellOfSessions({ story }: AdapterSuite): void {
  story('is counted from one visit to the next', async open => {
    const site = await open()
    const ada = site.visitor()
    for (const visit of ['1', '2', '3']) assert.equal(await textOf(ada.fetch('/count')), visit)
    assert.equal(await textOf(ada.fetch('/visits')), '3')
    assert.equal(await textOf(site.visitor().fetch('/visits')), '0')
  })

  story('who only reads gets no record and no cookie', async open => {
    const site = await open()
    const response = await site.visitor().fetch('/visits')
    assertNoCookie(response)
    assert.equal(await response.text(), '0')
    assert.deepEqual(site.store.calls, [])
  })

  story('has one session in a request, however often it is asked for', async open => {
    const site = await open({
      '/twice': async visit => {
        const [one, other] = await Promise.all([visit.session(), visit.session()])
        return page(String(one === other && one === (await visit.session())))
      },
    })
    const ada = await knownVisitor(site)
    assert.equal(await textOf(ada.fetch('/twice')), 'true')
    assert.deepEqual(site.store.calls, ['read'])
  })

  story('who logs out is forgotten, by the browser too', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    const stolen = ada.header('/')
    assert.equal(await textOf(ada.fetch('/logout')), 'bye')
    assert.equal(ada.get(cookieName), undefined)
    assert.equal(await textOf(ada.fetch('/visits')), '0')
    const thief = site.visitor()
    assert.equal(await textOf(thief.fetch('/visits', { headers: { Cookie: stolen } })), '0')
  })

  story('who rotates gets a new cookie, and the old one leads nowhere', async open => {
    const site = await open({
      '/login': async visit => {
        const session = await visit.session()
        session.rotate({ userId: 'ada' })
        return page('welcome')
      },
    })
    const ada = await knownVisitor(site)
    const old = ada.header('/')
    assert.equal(await textOf(ada.fetch('/login')), 'welcome')
    assert.notEqual(ada.header('/'), old)
    assert.equal(await textOf(ada.fetch('/count')), '2')
    assert.equal(await textOf(site.visitor().fetch('/visits', { headers: { Cookie: old } })), '0')
  })

  story('keeps the cookies that the program sets beside that of the session', async open => {
    const site = await open({
      '/cookies': async visit => {
        const session = await visit.session()
        session.set('name', 'ada')
        const ours = ['theme=dark; Path=/', 'lang=eo; Path=/'].map(line => ['Set-Cookie', line] as const)
        return page('cookies', { headers: ours })
      },
    })
    const ada = site.visitor()
    const response = await ada.fetch('/cookies')
    assert.equal(response.headers.getSetCookie().length, 3)
    assert.equal(ada.get('theme'), 'dark')
    assert.equal(ada.get('lang'), 'eo')
    assert.equal(await textOf(ada.fetch('/name')), 'ada')
  })
}

function tellOfTellingApart({ story }: AdapterSuite): void {
  story('is never mixed up with another who takes turns on the same connection', async open => {
    const site = await open()
    const [ada, bob] = [site.visitor(), site.visitor()]
    for (const visit of ['1', '2', '3', '4', '5']) {
      assert.equal(await textOf(ada.fetch('/count')), visit)
      assert.equal(await textOf(site.visitor().fetch('/visits')), '0')
      assert.equal(await textOf(bob.fetch('/count')), visit)
      assert.equal(await textOf(bob.fetch('/plain')), 'plain')
    }
    assert.notEqual(ada.get(cookieName), bob.get(cookieName))
  })

  story('is never mixed up with others who come at the same time', async open => {
    const site = await open()
    const visitors = Array.from({ length: 20 }, () => site.visitor())
    for (const visit of ['1', '2', '3']) {
      const texts = await Promise.all(visitors.map(browser => textOf(browser.fetch('/count'))))
      assert.deepEqual(new Set(texts), new Set([visit]))
    }
    assert.equal(new Set(visitors.map(browser => browser.get(cookieName))).size, 20)
  })

  story('who sends several requests at once loses none of their changes', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    const texts = await Promise.all(Array.from({ length: 10 }, () => textOf(ada.fetch('/count'))))
    assert.equal(texts.length, 10)
    assert.equal(await textOf(ada.fetch('/visits')), '11')
  })
}

function tellOfBadCookies({ story }: AdapterSuite): void {
  story('with two different cookies of the name is nobody: one of them may be planted', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    const planted = `${ada.header('/')}; ${cookieName}=${'A'.repeat(43)}`
    const response = await site.visitor().fetch('/visits', { headers: { Cookie: planted } })
    assertNoCookie(response)
    assert.equal(await response.text(), '0')
    assert.deepEqual(site.store.calls, [])
    assert.equal(await textOf(ada.fetch('/visits')), '1')
  })

  story('with a cookie that cannot be ours is nobody, and costs no call of the store', async open => {
    const site = await open()
    for (const value of ['', 'x', 'a'.repeat(43), `${'a'.repeat(42)}!`, '%00%ff', '"quoted"', 'a'.repeat(6000)]) {
      const headers = { Cookie: `${cookieName}=${value}` }
      const response = await site.visitor().fetch('/visits', { headers })
      assertNoCookie(response)
      assert.equal(await response.text(), '0')
    }
    assert.deepEqual(site.store.calls, [])
  })

  story('with a cookie that was never given out is nobody, and does not get to choose it', async open => {
    const site = await open()
    const chosen = createHash('sha256').update('chosen').digest('base64url')
    const eve = site.visitor()
    const headers = { Cookie: `${cookieName}=${chosen}` }
    assert.equal(await textOf(eve.fetch('/count', { headers })), '1')
    assert.notEqual(eve.get(cookieName), undefined)
    assert.notEqual(eve.get(cookieName), chosen)
  })
}
