import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { executablePath, launch, launchWith } from './chromium.ts'
import { type DemoSite, startDemo } from './demo-site.ts'

const password = 'correct horse battery staple'

describe.skipIf(!executablePath)(
  'accounts in a real browser (chromium: apt-get install -y chromium)',
  { timeout: 60_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepsake-'))
    let demo: DemoSite
    let browser: Browser
    let users = 0

    beforeAll(async () => {
      demo = await startDemo(folder)
      browser = await launch()
    }, 60_000)

    afterAll(async () => {
      await browser?.close()
      await demo?.stop()
      rmSync(folder, { recursive: true })
    })

    /** A visitor with an account of their own, logged in. */
    async function signUp(context: BrowserContext): Promise<{ page: Page; username: string }> {
      const username = `ada${++users}`
      const page = await context.newPage()
      await page.goto(`${demo.url}/sign-up`)
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign up' }).click()
      await page.getByRole('heading', { name: `Hello, ${username}.` }).waitFor()
      return { page, username }
    }

    async function logIn(context: BrowserContext, username: string, { remember = false } = {}): Promise<Page> {
      const page = await context.newPage()
      await page.goto(`${demo.url}/login`)
      await page.getByLabel('Username').fill(username)
      await page.getByLabel('Password').fill(password)
      if (remember) await page.getByLabel('Remember me').check()
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('heading', { name: `Hello, ${username}.` }).waitFor()
      return page
    }

    const headingAt = async (page: Page, path: string): Promise<string | null> => {
      await page.goto(demo.url + path)
      return page.textContent('h1')
    }

    /** Back to a page as it was kept, if it was: nothing of it is loaded then. Chromium cannot go back while the page is changing. */
    async function goBack(page: Page): Promise<void> {
      await page.waitForLoadState()
      await page.goBack({ waitUntil: 'commit' })
      await page.locator('h1').waitFor()
    }

    async function newAccount(): Promise<string> {
      const context = await browser.newContext()
      const { username } = await signUp(context)
      await context.close()
      return username
    }

    describe('a browser that was closed and opened again', () => {
      async function reopened(remember: boolean): Promise<{ username: string; context: BrowserContext; page: Page }> {
        const username = await newAccount()
        const profile = mkdtempSync(join(folder, 'profile-'))
        const before = await launchWith(profile)
        await logIn(before, username, { remember })
        await before.close()
        const context = await launchWith(profile)
        return { username, context, page: await context.newPage() }
      }

      it('is logged in with "remember me"', async () => {
        const { username, context, page } = await reopened(true)
        expect(await headingAt(page, '/account')).toBe(`Hello, ${username}.`)
        await context.close()
      })

      it('is logged in with "remember me" also when the session is over by then, by another one', async () => {
        const { username, context, page } = await reopened(true)
        await context.clearCookies({ name: 'session' })
        expect(await headingAt(page, '/account')).toBe(`Hello, ${username}.`)
        expect(await page.textContent('main')).toContain('Came back by itself')
        await context.close()
      })

      it('is logged out without it', async () => {
        const { context, page } = await reopened(false)
        expect(await headingAt(page, '/account')).toBe('Log in')
        await context.close()
      })
    })

    it('logs out in one tab, and the other is logged out at its next click', async () => {
      const context = await browser.newContext()
      const { page } = await signUp(context)
      const other = await context.newPage()
      await other.goto(`${demo.url}/account`)
      await page.getByRole('button', { name: 'Log out', exact: true }).click()
      expect(await page.textContent('main')).toContain('Not logged in')
      await other.getByRole('link', { name: 'Change password' }).click()
      expect(await other.textContent('h1')).toBe('Log in')
      await goBack(other)
      expect(await other.textContent('h1')).toBe('Log in')
      await context.close()
    })

    it('shows nothing of the account when the visitor goes back after the logout', async () => {
      const context = await browser.newContext()
      const { page, username } = await signUp(context)
      await page.getByRole('link', { name: 'Change password' }).click()
      await page.getByRole('link', { name: 'Back to your account' }).click()
      await page.getByRole('button', { name: 'Log out', exact: true }).click()
      for (let i = 0; i < 3; i++) {
        await goBack(page)
        expect(await page.textContent('body')).not.toContain(username)
      }
      await context.close()
    })

    it('logs a device out from another one: it is a stranger at its next click', async () => {
      const [laptop, phone] = [await browser.newContext(), await browser.newContext()]
      const { page, username } = await signUp(laptop)
      const there = await logIn(phone, username, { remember: true })
      await page.reload()
      await page.getByRole('button', { name: 'Log out there' }).click()
      expect(await page.textContent('main')).toContain('That device is logged out.')
      await there.getByRole('link', { name: 'Change password' }).click()
      expect(await there.textContent('h1')).toBe('Log in')
      expect(await headingAt(page, '/account')).toBe(`Hello, ${username}.`)
      await Promise.all([laptop.close(), phone.close()])
    })

    it('logs out everywhere at a click', async () => {
      const [laptop, phone] = [await browser.newContext(), await browser.newContext()]
      const { page, username } = await signUp(laptop)
      const there = await logIn(phone, username, { remember: true })
      await page.getByRole('button', { name: 'Log out everywhere' }).click()
      expect([await headingAt(page, '/account'), await headingAt(there, '/account')]).toEqual(['Log in', 'Log in'])
      await Promise.all([laptop.close(), phone.close()])
    })

    it('fits a phone: nothing is wider than the screen', async () => {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
      const { page } = await signUp(context)
      for (const path of ['/account', '/account/password', '/staff', '/login', '/sign-up', '/']) {
        await page.goto(demo.url + path)
        const width = await page.evaluate('document.documentElement.scrollWidth')
        expect([path, width]).toEqual([path, 390])
      }
      await context.close()
    })
  },
)
