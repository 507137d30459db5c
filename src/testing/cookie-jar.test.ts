import { describe, expect, it } from 'vitest'
import { listen } from '../../test/support/listen.ts'
import { CookieJar } from './cookie-jar.ts'
import { fakeClock } from './fake-clock.ts'

/** A response that sets these cookies. */
function setting(...lines: readonly string[]): Response {
  return new Response(null, { headers: lines.map(line => ['Set-Cookie', line] as [string, string]) })
}

/** A jar that was given these cookies by a page. */
function jarWith(...lines: readonly string[]): CookieJar {
  const jar = new CookieJar()
  jar.store('/', setting(...lines))
  return jar
}

describe('a CookieJar', () => {
  it('gives back what a response set, byte for byte', () => {
    const jar = jarWith('a=1', 'b=%20"x"=y; HttpOnly', '__Host-c=3; Path=/; Secure')
    expect(jar.header('/')).toBe('a=1; b=%20"x"=y; __Host-c=3')
    expect(jar.get('b')).toBe('%20"x"=y')
    expect(jar.get('c')).toBeUndefined()
  })

  it('is empty at first', () => {
    expect(new CookieJar().header('/')).toBe('')
  })

  it('replaces a cookie of the same name and path, in its place', () => {
    const jar = jarWith('a=1', 'b=2')
    jar.store('/', setting('a=3', 'A=4'))
    expect(jar.header('/')).toBe('a=3; b=2; A=4')
  })

  it('forgets a cookie whose Max-Age is 0 or less, or whose Expires is past', () => {
    const past = 'Thu, 01 Jan 1970 00:00:00 GMT'
    for (const end of [
      'Max-Age=0',
      'Max-Age=-1',
      `Expires=${past}`,
      `Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT`,
    ]) {
      const jar = jarWith('a=1', 'b=2')
      jar.store('/', setting(`a=; ${end}`))
      expect(jar.header('/')).toBe('b=2')
    }
  })

  it('keeps a cookie until its time is over', () => {
    const clock = fakeClock(new Date('2026-01-01T00:00:00Z'))
    const jar = new CookieJar({ clock })
    jar.store('/', setting('a=1; Max-Age=60', 'b=2; Expires=Thu, 01 Jan 2026 00:02:00 GMT', 'c=3'))
    clock.advance('59s')
    expect(jar.header('/')).toBe('a=1; b=2; c=3')
    clock.advance('1s')
    expect(jar.header('/')).toBe('b=2; c=3')
    clock.advance('1m')
    expect(jar.header('/')).toBe('c=3')
  })

  it('goes by Max-Age where there is Expires too', () => {
    const jar = jarWith('a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60')
    expect(jar.get('a')).toBe('1')
  })

  it('forgets session cookies with the browser, and keeps the others', () => {
    const jar = jarWith('a=1', 'b=2; Max-Age=60', 'c=3; Expires=Fri, 01 Jan 2100 00:00:00 GMT')
    jar.closeBrowser()
    expect(jar.header('/')).toBe('b=2; c=3')
  })

  it('sends a cookie to the pages of its path, longer paths first', () => {
    const jar = jarWith('site=1; Path=/', 'shop=2; Path=/shop', 'cart=3; Path=/shop/cart/')
    expect(jar.header('/')).toBe('site=1')
    expect(jar.header('/shopping')).toBe('site=1')
    expect(jar.header('/shop')).toBe('shop=2; site=1')
    expect(jar.header('https://site.example/shop/cart/2?x=/y')).toBe('cart=3; shop=2; site=1')
    expect(jar.get('shop')).toBeUndefined()
    expect(jar.get('shop', '/shop')).toBe('2')
  })

  it('keeps cookies of one name and several paths apart', () => {
    const jar = jarWith('a=1; Path=/', 'a=2; Path=/shop')
    expect(jar.header('/shop')).toBe('a=2; a=1')
    jar.store('/', setting('a=; Path=/shop; Max-Age=0'))
    expect(jar.header('/shop')).toBe('a=1')
  })

  it('gives a cookie without a path to the folder of its page', () => {
    const jar = new CookieJar()
    jar.store('https://site.example/shop/cart?x=1', setting('a=1', 'b=2; Path=relative'))
    expect(jar.header('/shop/other')).toBe('a=1; b=2')
    expect(jar.header('/')).toBe('')
  })
})

describe('CookieJar.fetch', () => {
  /** A site that remembers the requests it got, and sets a cookie by each. */
  function site() {
    const requests: Request[] = []
    const jar = new CookieJar({
      fetch: async (url, init) => {
        requests.push(new Request(new URL(url, 'http://localhost'), init))
        return setting(`visit=${requests.length}`)
      },
    })
    return { jar, requests }
  }

  it('sends what it holds and keeps what it gets', async () => {
    const { jar, requests } = site()
    await jar.fetch('/')
    await jar.fetch('/', { method: 'POST' })
    expect(requests.map(request => request.headers.get('Cookie'))).toEqual([null, 'visit=1'])
    expect(requests[1]?.method).toBe('POST')
    expect(jar.get('visit')).toBe('2')
  })

  it('shows redirects instead of following them', async () => {
    const { jar, requests } = site()
    await jar.fetch('/')
    expect(requests[0]?.redirect).toBe('manual')
  })

  it('sends a cookie that the test adds beside its own', async () => {
    const { jar, requests } = site()
    await jar.fetch('/')
    await jar.fetch('/', { headers: { Cookie: 'planted=1' } })
    expect(requests[1]?.headers.get('Cookie')).toBe('planted=1; visit=1')
  })

  it('asks the network where the test gives nothing else', async () => {
    const server = await listen((req, res) => {
      res.setHeader('Set-Cookie', 'theme=dark; Path=/').end(req.headers.cookie ?? 'no cookie')
    })
    const jar = new CookieJar()
    const url = `http://127.0.0.1:${server.port}/`
    expect(await (await jar.fetch(url)).text()).toBe('no cookie')
    expect(await (await jar.fetch(url)).text()).toBe('theme=dark')
    await server.close()
  })
})
