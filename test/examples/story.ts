import { describe, expect, it } from 'vitest'
import { howToGetNginx, startCachingProxy } from '../frameworks/nginx.ts'
import { FormBrowser } from './form-browser.ts'

/** What an example has more, or less, than the others. */
export interface ExampleStoryOptions {
  /** The password of the user `ada`, if the example checks one. @default it does not: any name may log in */
  readonly password?: string
}

/**
 * The story that each example tells its visitor. It asks for a site whose first page, `/`, has
 *
 * - `Visit 1`, and one more each time it is opened. Where a page cannot change the session, it has a form with the button
 *   `Count this visit`.
 * - `Hello, stranger`, or `Hello, ada` for who is logged in.
 * - `Cart: empty`, or `Cart: tea, cup`.
 * - A form with the field `item` and the button `Add to cart`.
 * - A form with the field `username` (and `password`, if it is checked) and the button `Log in`; or, for who is logged in, one
 *   with the button `Log out`.
 *
 * The forms work without JavaScript and lead back to `/`. A login keeps the cart; a logout ends the session. A wrong password is
 * answered with status 401 or 400.
 *
 * @param name the framework, for the names of the tests
 * @param baseUrl where the site is, or what tells it once the site has started
 */
export function exampleStory(
  name: string,
  baseUrl: string | (() => string),
  { password }: ExampleStoryOptions = {},
): void {
  const newBrowser = (): FormBrowser => new FormBrowser(typeof baseUrl === 'string' ? baseUrl : baseUrl())
  const ada = password === undefined ? { username: 'ada' } : { username: 'ada', password }

  describe(`the example for ${name}`, () => {
    it(`counts the visits of each visitor, with ${name}`, async () => {
      const [one, other] = [newBrowser(), newBrowser()]
      for (const visit of ['Visit 1', 'Visit 2', 'Visit 3']) expect(await visited(one)).toContain(visit)
      expect(await visited(other)).toContain('Visit 1')
      expect(await visited(one)).toContain('Visit 4')
    })

    it(`keeps the cart of each visitor, with ${name}`, async () => {
      const [one, other] = [newBrowser(), newBrowser()]
      expect(await visited(one)).toContain('Cart: empty')
      await one.press('Add to cart', { item: 'tea' })
      await one.press('Add to cart', { item: 'cup' })
      expect(one.text).toContain('Cart: tea, cup')
      expect(await visited(other)).toContain('Cart: empty')
    })

    it(`shows what a visitor typed as text, with ${name}`, async () => {
      const visitor = newBrowser()
      await visited(visitor)
      await visitor.press('Add to cart', { item: '<b>tea</b> & "milk"' })
      expect(visitor.text).toContain('Cart: <b>tea</b> & "milk"')
    })

    it(`a login keeps the cart and gives a new token; the old one is worth nothing, with ${name}`, async () => {
      const visitor = newBrowser()
      expect(await visited(visitor)).toContain('Hello, stranger')
      await visitor.press('Add to cart', { item: 'tea' })
      const fixated = visitor.copy()
      expect(fixated.token).toBe(visitor.token)
      await visitor.press('Log in', ada)
      expect(visitor.text).toContain('Hello, ada')
      expect(visitor.text).toContain('Cart: tea')
      expect(visitor.has('Log in')).toBe(false)
      expect(visitor.token).not.toBe(fixated.token)
      const seen = await visited(fixated)
      expect(seen).toContain('Hello, stranger')
      expect(seen).toContain('Cart: empty')
    })

    it(`a logout ends the session, and for a copied cookie too, with ${name}`, async () => {
      const visitor = newBrowser()
      await visited(visitor)
      await visitor.press('Log in', ada)
      await visitor.press('Add to cart', { item: 'cup' })
      const thief = visitor.copy()
      expect(await visited(thief)).toContain('Hello, ada')
      await visitor.press('Log out')
      for (const browser of [visitor, thief]) {
        const seen = await visited(browser)
        expect(seen).toContain('Hello, stranger')
        expect(seen).toContain('Cart: empty')
      }
    })

    // Without nginx, the tests of test/frameworks say how to get it.
    it.skipIf(howToGetNginx)(`a caching proxy never shows one visitor the page of another, with ${name}`, async () => {
      const [visitor, other] = [newBrowser(), newBrowser()]
      for (const browser of [visitor, other]) await visited(browser)
      await visitor.press('Log in', ada)
      const proxy = await startCachingProxy(newBrowser().port)
      try {
        const site = `http://127.0.0.1:${proxy.port}`
        const [known, stranger, nobody] = [visitor.copy(site), other.copy(site), new FormBrowser(site)]
        for (const browser of [known, stranger, nobody, known, stranger, nobody]) {
          await browser.open('/')
          expect(browser.text).toContain(browser === known ? 'Hello, ada' : 'Hello, stranger')
        }
        expect(nobody.token).not.toBe(stranger.token)
      } finally {
        await proxy.stop()
      }
    })

    if (password === undefined) return
    it(`a wrong password lets nobody in, with ${name}`, async () => {
      const visitor = newBrowser()
      await visited(visitor)
      await visitor.press('Log in', { ...ada, password: `not ${password}` })
      expect([400, 401]).toContain(visitor.status)
      expect(await visited(visitor)).toContain('Hello, stranger')
    })
  })
}

/** What the first page says, this visit counted. */
async function visited(browser: FormBrowser): Promise<string> {
  await browser.open('/')
  if (browser.has('Count this visit')) await browser.press('Count this visit')
  expect([browser.status, browser.text]).toEqual([200, expect.stringMatching(/Visit \d/)])
  return browser.text
}
