import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApp } from './app.ts'
import { openSite, type Site } from './sessions.ts'
import { TestBrowser } from './test-browser.ts'

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
    if (site.database.isOpen) site.close()
  }
}

/** The same site again, by another process for all it knows: nothing but the file is left. */
async function restart(): Promise<void> {
  await stop()
  await start()
}

function records(): Record<string, unknown>[] {
  return site.database.prepare('SELECT * FROM session').all()
}

describe('a visitor', () => {
  it('is counted, and counted on after a restart', async () => {
    const browser = new TestBrowser()
    expect((await browser.visit(`${url}/`)).text).toContain('Visit 1')
    expect((await browser.visit(`${url}/`)).text).toContain('Visit 2')
    await restart()
    expect((await browser.visit(`${url}/`)).text).toContain('Visit 3')
    expect((await new TestBrowser().visit(`${url}/`)).text).toContain('Visit 1')
  })

  it('is not logged in', async () => {
    expect((await new TestBrowser().visit(`${url}/`)).text).toContain('Not logged in')
  })

  it('who only looks around stores nothing', async () => {
    const browser = new TestBrowser()
    for (const path of ['/cart', '/preferences', '/inside', '/login', '/sign-up', '/style.css', '/nowhere']) {
      expect((await browser.visit(url + path)).setCookie).toBeUndefined()
    }
    expect(records()).toEqual([])
  })

  it('gets the style sheet without a session being asked for', async () => {
    const response = await fetch(`${url}/style.css`, { headers: { cookie: 'session=x' } })
    expect(response.headers.get('content-type')).toContain('text/css')
    expect(response.headers.get('vary')).toBeNull()
  })
})

describe('the cart', () => {
  it('is filled, changed and emptied, and survives a restart', async () => {
    const browser = new TestBrowser()
    await browser.submit(`${url}/cart/add`, { product: 'notebook' })
    await browser.submit(`${url}/cart/add`, { product: 'mug' })
    await browser.submit(`${url}/cart/change`, { product: 'mug', by: '1' })
    await restart()
    expect((await browser.visit(`${url}/cart`)).text).toContain('€34.50')
    expect((await browser.submit(`${url}/cart/change`, { product: 'mug', by: '-1' })).text).toContain('€20.50')
    const afterRemoval = await browser.submit(`${url}/cart/remove`, { product: 'notebook' })
    expect(afterRemoval.text).not.toContain('€20.50')
    expect(afterRemoval.text).toContain('1 item in the cart')
    expect((await browser.submit(`${url}/cart/empty`)).text).toContain('There is nothing in your cart yet.')
  })

  it('loses none of many clicks at the same moment', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    const clicks = Array.from({ length: 20 }, () => browser.submit(`${url}/cart/add`, { product: 'cards' }))
    await Promise.all(clicks)
    expect((await browser.visit(`${url}/cart`)).text).toContain('20 items in the cart')
  })

  it('keeps the click of another tab that was faster by a hair', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    // Just before this click is written, the other tab's is: it puts five cards into the cart, once.
    site.database.exec(`
      CREATE TABLE other_tab AS SELECT 5 AS cards;
      CREATE TRIGGER other_click BEFORE UPDATE ON session WHEN EXISTS (SELECT * FROM other_tab) BEGIN
        UPDATE session SET version = 'other', payload = json_set(payload, '$.d.cart', json_object('cards', 5));
        DELETE FROM other_tab;
        SELECT RAISE(IGNORE);
      END`)
    const page = await browser.submit(`${url}/cart/add`, { product: 'cards' })
    expect(page.text).toContain('6 items in the cart')
  })

  it('says once what was done', async () => {
    const browser = new TestBrowser()
    const page = await browser.submit(`${url}/cart/add`, { product: 'notebook' })
    expect(page.text).toContain('Added: Blue notebook')
    expect((await browser.visit(`${url}/cart`)).text).not.toContain('Added')
  })

  it('takes no product that the shop does not have', async () => {
    const page = await new TestBrowser().submit(`${url}/cart/add`, { product: '__proto__' })
    expect(page.status).toBe(400)
    expect(records()).toEqual([])
  })
})

describe('preferences', () => {
  it('apply to every page', async () => {
    const browser = new TestBrowser()
    const saved = await browser.submit(`${url}/preferences`, { theme: 'dark', language: 'de' })
    expect(saved.text).toContain('Ihre Einstellungen sind gespeichert.')
    for (const path of ['/', '/cart', '/preferences', '/inside', '/nowhere']) {
      expect((await browser.visit(url + path)).text).toContain('<html lang="de" data-theme="dark">')
    }
  })

  it('start with what the browser wishes', async () => {
    const browser = new TestBrowser({ 'accept-language': 'fr-CH, fr;q=0.9, de;q=0.8' })
    const page = await browser.visit(`${url}/`)
    expect(page.text).toContain('<html lang="fr" data-theme="system">')
    expect(page.text).toContain('Visite 1')
  })
})

describe('the page that looks inside', () => {
  it('tells a newcomer that nothing is stored', async () => {
    const page = await new TestBrowser().visit(`${url}/inside`)
    expect(page.text).toContain('Nothing is stored for you yet.')
    expect(page.text).toContain('0, and none of them is yours')
  })

  it('tells whose cookie leads nowhere the same', async () => {
    const browser = new TestBrowser({ cookie: `session=${'A'.repeat(43)}` })
    expect((await browser.visit(`${url}/inside`)).text).toContain('it leads to no session')
  })

  it('shows the record as it is in the table, and never the token', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    await browser.submit(`${url}/cart/add`, { product: 'mug' })
    await browser.visit(`${url}/cart`)
    const { text } = await browser.visit(`${url}/inside`)
    const [{ id, version, payload } = {}] = records()
    expect(text).toContain(String(id))
    expect(text).toContain(String(version))
    expect(text).toContain(`${String(payload).length} bytes`)
    expect(text).toContain('(the id of your record)')
    expect(text).not.toContain(browser.token)
    expect(text).not.toContain(browser.token.slice(0, 5))
  })

  it('shows the cookie as it was sent, but for the masked token', async () => {
    const browser = new TestBrowser()
    const { setCookie = '' } = await browser.visit(`${url}/`)
    const masked = `${browser.token.slice(0, 4)}••••••••${browser.token.slice(-2)}`
    const { text } = await browser.visit(`${url}/inside`)
    expect(text).toContain(`Set-Cookie: ${setCookie.replace(browser.token, masked)}`)
  })

  it('shows the row as it stays, also when a notice was taken from it', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    const { text } = await browser.submit(`${url}/inside/rotate`)
    expect(text).toContain('Your session has a new token.')
    expect(text).toContain(String(records()[0]?.version))
  })

  it('gives a new token, with the same data behind it', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    const stolen = new TestBrowser({ cookie: `session=${browser.token}` })
    await browser.submit(`${url}/inside/rotate`)
    expect((await browser.visit(`${url}/`)).text).toContain('Visit 2')
    expect((await stolen.visit(`${url}/inside`)).text).toContain('it leads to no session')
    expect(records()).toHaveLength(1)
  })

  it('ends the session: the row and the cookie are gone, and the old token leads nowhere', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    const kept = new TestBrowser({ cookie: `session=${browser.token}` })
    expect((await browser.submit(`${url}/inside/end`)).text).toContain('Nothing is stored for you yet.')
    expect(browser.cookies.size).toBe(0)
    expect(records()).toEqual([])
    expect((await kept.visit(`${url}/inside`)).text).toContain('it leads to no session')
  })

  it('gives a newcomer who presses the buttons nothing to end, and stores nothing', async () => {
    const browser = new TestBrowser()
    await browser.submit(`${url}/inside/rotate`)
    await browser.submit(`${url}/inside/end`)
    expect(browser.cookies.size).toBe(0)
    expect(records()).toEqual([])
  })
})

describe('errors', () => {
  it('say that the store is down, and keep the cookie', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    site.database.close()
    const page = await browser.visit(`${url}/cart`)
    expect(page.status).toBe(503)
    expect(page.text).toContain('Your cookie is kept')
    expect(page.setCookie).toBeUndefined()
    expect((await browser.visit(`${url}/style.css`)).status).toBe(200)
  })

  it('say that the session ended while the request ran', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    // Just before the change is written, the visitor logs out in another tab.
    site.database.exec(
      'CREATE TRIGGER logout BEFORE UPDATE ON session BEGIN DELETE FROM session; SELECT RAISE(IGNORE); END',
    )
    const page = await browser.submit(`${url}/cart/add`, { product: 'mug' })
    expect(page.status).toBe(409)
    expect(page.text).toContain('Your session ended meanwhile')
    expect(records()).toEqual([])
  })

  it('refuse a form from another site, and change nothing', async () => {
    const browser = new TestBrowser()
    await browser.visit(`${url}/`)
    for (const from of ['cross-site', 'same-site']) {
      browser.headers['sec-fetch-site'] = from
      expect((await browser.submit(`${url}/cart/add`, { product: 'mug' })).status).toBe(403)
      expect((await browser.visit(`${url}/cart`)).text).toContain('There is nothing in your cart yet.')
    }
    browser.headers['sec-fetch-site'] = 'same-origin'
    expect((await browser.submit(`${url}/cart/add`, { product: 'mug' })).text).toContain('Added')
  })

  it('have their page in the language of the visitor', async () => {
    const page = await new TestBrowser({ 'accept-language': 'de' }).visit(`${url}/nowhere`)
    expect(page.status).toBe(404)
    expect(page.text).toContain('Diese Seite gibt es nicht')
  })
})

it('every page forbids scripts and frames', async () => {
  for (const path of ['/', '/nowhere', '/style.css']) {
    const { headers } = await fetch(url + path)
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
  }
})
