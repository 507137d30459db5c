import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executablePath, launch } from './chromium.ts'
import { type DemoSite, startDemo } from './demo-site.ts'

describe.skipIf(!executablePath)('the demo site in a real browser (chromium: apt-get install -y chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-'))
  let demo: DemoSite
  let url: string
  let browser: Browser

  beforeAll(async () => {
    demo = await startDemo(folder)
    url = demo.url
    browser = await launch()
  }, 60_000)

  afterAll(async () => {
    await browser?.close()
    await demo?.stop()
    rmSync(folder, { recursive: true })
  })

  async function newVisitor(): Promise<[BrowserContext, Page]> {
    const context = await browser.newContext()
    return [context, await context.newPage()]
  }

  const sessionCookie = async (context: BrowserContext) =>
    (await context.cookies()).find(({ name }) => name === 'session')

  it('remembers a visitor, also after the server was restarted', async () => {
    const [context, page] = await newVisitor()
    for (const visit of ['Visit 1', 'Visit 2']) {
      await page.goto(url)
      expect(await page.textContent('main')).toContain(visit)
    }
    await demo.stop()
    demo = await startDemo(folder, new URL(url).port)
    await page.reload()
    expect(await page.textContent('main')).toContain('Visit 3')
    await context.close()
  })

  it('gives a cookie that no script can read, and that lasts two weeks', async () => {
    const [context, page] = await newVisitor()
    await page.goto(url)
    const cookie = await sessionCookie(context)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
    const days = ((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400
    expect(Math.round(days)).toBe(14)
    expect(await page.evaluate('document.cookie')).toBe('')
    await context.close()
  })

  it('keeps what was put into the cart in two tabs', async () => {
    const [context, page] = await newVisitor()
    const other = await context.newPage()
    await page.goto(`${url}/cart`)
    await page.locator('form button').first().click()
    await other.goto(`${url}/cart`)
    await Promise.all([page.locator('form button').nth(1).click(), other.locator('form button').nth(2).click()])
    await page.goto(`${url}/`)
    expect(await page.textContent('nav')).toMatch(/Cart\s*3/)
    await context.close()
  })

  it('shows what the server holds, and never the whole token; ends the session at a click', async () => {
    const [context, page] = await newVisitor()
    await page.goto(url)
    const token = (await sessionCookie(context))?.value ?? ''
    expect(token).toHaveLength(43)
    await page.goto(`${url}/inside`)
    expect(await page.content()).not.toContain(token)
    await page.getByRole('button', { name: 'New token' }).click()
    expect((await sessionCookie(context))?.value).not.toBe(token)
    await page.getByRole('button', { name: 'End this session' }).click()
    expect(await sessionCookie(context)).toBeUndefined()
    await page.goto(url)
    expect(await page.textContent('main')).toContain('Visit 1')
    await context.close()
  })

  it('fits a phone: nothing is wider than the screen', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    for (const path of ['/', '/cart', '/preferences', '/inside']) {
      await page.goto(`${url}${path}`)
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect([path, width]).toEqual([path, 390])
    }
    await context.close()
  })
})
