import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp } from './app.ts'
import { openSite, type Site } from './sessions.ts'
import { TestBrowser } from './test-browser.ts'

const password = 'correct horse battery staple'
const ada = { username: 'ada', email: 'ada@example.com', password }

let folder: string
let site: Site
let url: string
let stop: () => Promise<void>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keepsake-demo-'))
  await start()
})

afterEach(async () => {
  await stop()
  rmSync(folder, { recursive: true })
})

async function start(): Promise<void> {
  site = await openSite(join(folder, 'demo.db'))
  const server = createServer(createApp(site))
  await new Promise<void>(listening => server.listen(0, listening))
  url = `http://localhost:${(server.address() as AddressInfo).port}`
  stop = async () => {
    await new Promise<void>(stopped => server.close(() => stopped()).closeAllConnections())
    site.close()
  }
}

async function signedUp(values: Partial<typeof ada> = {}): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await browser.submit(`${url}/sign-up`, { ...ada, ...values })
  return browser
}

async function loggedIn(more: Record<string, string> = {}): Promise<TestBrowser> {
  const browser = new TestBrowser()
  await browser.submit(`${url}/login`, { ...ada, ...more })
  return browser
}

const seesAccount = async (browser: TestBrowser): Promise<boolean> =>
  (await browser.visit(`${url}/account`)).text.includes('Hello, ada.')

describe('who signs up', () => {
  it('is logged in, greeted once, and still known after a restart', async () => {
    const browser = new TestBrowser()
    const page = await browser.submit(`${url}/sign-up`, ada)
    expect(page.text).toContain('Hello, ada.')
    expect(page.text).toContain('Welcome.')
    expect((await browser.visit(`${url}/account`)).text).not.toContain('Welcome.')
    await stop()
    await start()
    expect(await seesAccount(browser)).toBe(true)
  })

  it('keeps the cart', async () => {
    const browser = new TestBrowser()
    await browser.submit(`${url}/cart/add`, { product: 'mug' })
    await browser.submit(`${url}/sign-up`, ada)
    expect((await browser.visit(`${url}/cart`)).text).toContain('1 item in the cart')
  })

  it('is told what is wrong, in their language, and need not type the name again', async () => {
    await signedUp()
    const browser = new TestBrowser({ 'accept-language': 'de' })
    const page = await browser.submit(`${url}/sign-up`, { ...ada, password: '12345678' })
    expect(page.status).toBe(400)
    expect(page.text).toContain('Nehmen Sie nicht nur Ziffern.')
    expect(page.text).toContain('value="ada"')
    expect(page.text).not.toContain('12345678')
    const taken = await browser.submit(`${url}/sign-up`, ada)
    expect(taken.text).toContain('Dieser Name ist vergeben.')
  })

  it('is staff if nobody was there before', async () => {
    const [first, second] = [await signedUp(), await signedUp({ username: 'eve' })]
    expect((await first.visit(`${url}/staff`)).text).toContain('Only staff can see this page.')
    const refused = await second.visit(`${url}/staff`)
    expect(refused.status).toBe(403)
    expect(refused.text).toContain('This page is not for you')
    expect(refused.text).not.toContain('ada')
  })
})

describe('who logs in', () => {
  it('comes to the page that they asked for', async () => {
    await signedUp()
    const browser = new TestBrowser()
    const asked = await browser.visit(`${url}/account/password`)
    expect(asked.text).toContain('name="next" value="/account/password"')
    const page = await browser.submit(`${url}/login`, { ...ada, next: '/account/password' })
    expect(page.text).toContain('Change your password')
  })

  it('is told one thing, whatever was wrong', async () => {
    await signedUp()
    for (const wrong of [{ username: 'eve' }, { password: 'wrong' }]) {
      const page = await new TestBrowser().submit(`${url}/login`, { ...ada, ...wrong })
      expect([page.status, page.text.includes('Wrong name or password.')]).toEqual([401, true])
    }
  })

  it('is a stranger to every page for accounts until then', async () => {
    await signedUp()
    for (const path of ['/account', '/account/password', '/staff']) {
      expect((await new TestBrowser().visit(url + path)).text).toContain('Remember me on this device')
    }
    for (const path of ['/account/end', '/account/end-others', '/account/end-all', '/account/password']) {
      expect((await new TestBrowser().submit(url + path)).text).toContain('Remember me on this device')
    }
  })

  it('writes nothing into a page but text', async () => {
    const page = await new TestBrowser().submit(`${url}/login?next="><script>`, {
      username: '"><script>',
      password: 'x',
    })
    expect(page.status).toBe(401)
    expect(page.text).not.toContain('<script>')
  })
})

describe('who changes the password', () => {
  it('stays logged in here, and nowhere else', async () => {
    const [here, elsewhere] = [await signedUp(), await loggedIn({ remember: 'on' })]
    const page = await here.submit(`${url}/account/password`, { current: password, password: 'another long password' })
    expect(page.text).toContain('Your password is changed.')
    expect([await seesAccount(here), await seesAccount(elsewhere)]).toEqual([true, false])
  })

  it('has to know the present one', async () => {
    const browser = await signedUp()
    const page = await browser.submit(`${url}/account/password`, {
      current: 'wrong',
      password: 'another long password',
    })
    expect([page.status, page.text.includes('This is not your present password.')]).toEqual([400, true])
  })
})

describe('who looks at the devices', () => {
  it('reads in words where they are', async () => {
    const page = await (await signedUp()).visit(`${url}/account`)
    expect(page.text).toContain('From the machine that serves this site')
  })

  it('logs one of them out', async () => {
    const [here, there] = [await signedUp(), await loggedIn()]
    const [, id = ''] = /name="id" value="([^"]+)"/.exec((await here.visit(`${url}/account`)).text) ?? []
    expect((await here.submit(`${url}/account/end`, { id })).text).toContain('That device is logged out.')
    expect([await seesAccount(here), await seesAccount(there)]).toEqual([true, false])
  })

  it('cannot log out what is not theirs', async () => {
    const [here, eve] = [await signedUp(), await signedUp({ username: 'eve' })]
    const id = String(site.database.prepare('SELECT id FROM session WHERE user_id = ?').get('1')?.id)
    await eve.submit(`${url}/account/end`, { id })
    expect(await seesAccount(here)).toBe(true)
  })

  it('is asked for the password again before anything ends, on a browser that came back by itself', async () => {
    await signedUp()
    const [here, there] = [await loggedIn({ remember: 'on' }), await loggedIn()]
    here.cookies.delete('session')
    const [, id = ''] = /name="id" value="([^"]+)"/.exec((await here.visit(`${url}/account`)).text) ?? []
    for (const path of ['/account/end', '/account/end-others', '/account/end-all']) {
      const page = await here.submit(url + path, { id })
      expect([path, page.text.includes('give your password again')]).toEqual([path, true])
      expect(page.text).toContain('value="ada"')
      expect(page.text).toContain('name="remember" value="on" checked>')
    }
    expect([await seesAccount(here), await seesAccount(there)]).toEqual([true, true])
    await here.submit(`${url}/login`, ada)
    await here.submit(`${url}/account/end-others`)
    expect([await seesAccount(here), await seesAccount(there)]).toEqual([true, false])
  })

  it('logs out everywhere else, or everywhere', async () => {
    const [here, there] = [await signedUp(), await loggedIn({ remember: 'on' })]
    await here.submit(`${url}/account/end-others`)
    expect([await seesAccount(here), await seesAccount(there)]).toEqual([true, false])
    const again = await loggedIn({ remember: 'on' })
    await here.submit(`${url}/account/end-all`)
    expect([await seesAccount(here), await seesAccount(again)]).toEqual([false, false])
  })
})

describe('who logs out', () => {
  it('is gone, with the cart, and is not remembered', async () => {
    await signedUp()
    const browser = await loggedIn({ remember: 'on' })
    await browser.submit(`${url}/cart/add`, { product: 'mug' })
    const page = await browser.submit(`${url}/logout`)
    expect(page.text).toContain('Not logged in')
    expect(page.text).not.toContain('in the cart')
    expect(await seesAccount(browser)).toBe(false)
  })

  it('does so by a button: a link or a picture cannot do it', async () => {
    const browser = await signedUp()
    expect((await browser.visit(`${url}/logout`)).status).toBe(405)
    expect(await seesAccount(browser)).toBe(true)
  })
})
