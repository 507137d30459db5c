import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { cookies, type Jar, type SetCookieOptions } from '../../src/cookies/index.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync)
const required = process.env.KEEPSAKE_REQUIRE_SERVICES === '1'

const args = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  // A domain with a subdomain, which localhost is not.
  '--host-resolver-rules=MAP *.example.com 127.0.0.1, MAP example.com 127.0.0.1',
]

const kept = 'kept'
const dropped = 'dropped'

/**
 * Each line that `/deep/set` of app.example.com sends, and what becomes of it; several lines are of one answer. What the
 * serializer refuses and the parser takes rests on this: when a browser changes a rule, a line of this table fails.
 */
const table: readonly (readonly [
  what: string,
  lines: readonly string[],
  result: typeof kept | typeof dropped | string,
])[] = [
  ['__Host- with all that it promises', ['__Host-a=1; Secure; Path=/'], kept],
  ['__Host- without Path', ['__Host-a=1; Secure'], dropped],
  ['__Host- without Secure', ['__Host-a=1; Path=/'], dropped],
  ['__Host- with Domain', ['__Host-a=1; Secure; Path=/; Domain=example.com'], dropped],
  ['__HOST-, which is the same prefix, with Domain', ['__HOST-a=1; Secure; Path=/; Domain=example.com'], dropped],
  ['__Secure- with Secure', ['__Secure-a=1; Secure'], kept],
  ['__Secure- without Secure', ['__Secure-a=1'], dropped],
  ['__secure-, which is the same prefix, without Secure', ['__secure-a=1'], dropped],
  ['__Http- with Secure and HttpOnly', ['__Http-a=1; Secure; HttpOnly'], kept],
  ['__Http- without HttpOnly', ['__Http-a=1; Secure'], dropped],
  ['__Host-Http- with all that it promises', ['__Host-Http-a=1; Secure; HttpOnly; Path=/'], kept],
  ['__Host-Http- without HttpOnly', ['__Host-Http-a=1; Secure; Path=/'], dropped],
  ['__host-http-, which is the same prefix, without HttpOnly', ['__host-http-a=1; Secure; Path=/'], dropped],
  ['no name, and a value that looks like a prefixed cookie', ['=__Host-trick=1'], dropped],
  ['no name and no equals sign', ['noequals'], 'noequals'],
  ['a name and value of 4096 bytes', [`a=${'v'.repeat(4095)}`], kept],
  ['a name and value of 4097 bytes', [`a=${'v'.repeat(4096)}`], dropped],
  ['a Path of 1025 bytes, which is as none', [`a=1; Path=/${'p'.repeat(1024)}`], kept],
  ['a value in quotes, with a space', ['q="quoted value"'], kept],
  ['a value with quotes, commas and braces', ['brace={"a":1,"b":2}'], kept],
  ['a value with equals signs', ['eq=a=b=='], kept],
  ['a value of raw UTF-8', ['u=é'], kept],
  ['a tab in the value', ['a=x\ty'], dropped],
  ['a Max-Age of three years', ['a=1; Max-Age=99999999'], kept],
  ['an Expires in the year 9999', ['a=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT'], kept],
  ['SameSite=None without Secure', ['a=1; SameSite=None'], dropped],
  ['SameSite=None with Secure', ['a=1; SameSite=None; Secure'], kept],
  ['Partitioned without Secure', ['a=1; Partitioned'], dropped],
  ['Partitioned with Secure', ['a=1; Partitioned; Secure'], kept],
  ['a Domain that is not the host’s', ['a=1; Domain=example.org'], dropped],
  [
    'one name for two domains and two paths: the longest path first, then the oldest',
    ['dup=apex; Path=/; Domain=example.com', 'dup=host; Path=/', 'dup=deep; Path=/deep'],
    'dup=deep; dup=apex; dup=host',
  ],
  ['one name twice, of which the last counts', ['a=first', 'a=last'], 'a=last'],
  ['a name that objects inherit', ['__proto__=pp'], kept],
]

if (!executablePath && required) {
  it('needs chromium', () => expect.unreachable('chromium is not installed: apt-get install -y chromium'))
}

it('there are 36 lines', () => {
  expect(table.flatMap(([, lines]) => lines)).toHaveLength(36)
})

describe.skipIf(!executablePath)('a real browser and its cookies (chromium: apt-get install -y chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-'))
  const sessions = createSessions({ store: memoryStore() })
  let server: Server
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let origin: string
  /** What `/deep/set` answers, what `/deep/jar` does, and what came to `/deep/read`. */
  let lines: readonly string[] = []
  let use: (jar: Jar) => void = () => undefined
  let received: string | undefined

  beforeAll(async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
      ...['-keyout', key, '-out', cert, '-subj', '/CN=example.com', '-addext', 'subjectAltName=DNS:*.example.com'],
    ])
    const handler = nodeSessions(sessions, (req, res) => {
      // By its path: the browser asks for an icon as well.
      if (req.url === '/deep/read') received = req.headers.cookie
      if (req.url === '/deep/set') res.setHeader('Set-Cookie', [...lines])
      if (req.url === '/deep/jar') use(cookies(req))
      res.setHeader('Content-Type', 'text/plain').end('')
    })
    server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => void handler(req, res))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    origin = `https://app.example.com:${(server.address() as AddressInfo).port}`
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args })
    context = await browser.newContext({ ignoreHTTPSErrors: true })
    page = await context.newPage()
  }, 60_000)

  afterEach(() => context.clearCookies())

  afterAll(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
    rmSync(folder, { recursive: true })
  })

  /** The `Cookie` header that a browser without any cookie sends after it was sent these lines. */
  async function afterLines(sent: readonly string[]): Promise<string | undefined> {
    // Node writes headers byte for byte as Latin-1.
    lines = sent.map(line => Buffer.from(line).toString('latin1'))
    await page.goto(`${origin}/deep/set`)
    return headerSent()
  }

  /** The `Cookie` header that the browser sends after it was given what the jar sets. */
  async function afterJar(change: (jar: Jar) => void): Promise<string | undefined> {
    use = change
    await page.goto(`${origin}/deep/jar`)
    return headerSent()
  }

  async function headerSent(): Promise<string | undefined> {
    await page.goto(`${origin}/deep/read`)
    return received && Buffer.from(received, 'latin1').toString()
  }

  it.each(table)('%s: %j', async (_, sent, result) => {
    const header = await afterLines(sent)
    const pair = sent[0]?.split(';', 1)[0]
    expect(header).toBe(result === kept ? pair : result === dropped ? undefined : result)
  })

  it('takes an overlong Path for none: the cookie belongs to the folder that set it', async () => {
    await afterLines([`a=1; Path=/${'p'.repeat(1024)}`])
    expect((await context.cookies())[0]?.path).toBe('/deep')
    await context.clearCookies()
    expect(await afterLines([`a=1; Path=/${'p'.repeat(1023)}`])).toBeUndefined()
  })

  it.each(['Max-Age=99999999', 'Expires=Fri, 31 Dec 9999 23:59:59 GMT'])('keeps %s for 400 days', async attribute => {
    await afterLines([`a=1; ${attribute}`])
    const days = (((await context.cookies())[0]?.expires ?? 0) - Date.now() / 1000) / 86_400
    expect(days).toBeCloseTo(400, 1)
  })

  it('keeps a jar’s own cookies as they were meant', async () => {
    const header = await afterJar(jar => {
      jar.set('__Host-a', '1', { maxAge: 3600 })
      jar.set('b', '2', { httpOnly: false, sameSite: 'strict', path: '/deep' })
    })
    expect(header).toBe('b=2; __Host-a=1')
    const [a, b] = (await context.cookies()).sort((one, other) => one.name.localeCompare(other.name))
    expect(a).toMatchObject({ name: '__Host-a', value: '1', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })
    expect(b).toMatchObject({ name: 'b', value: '2', httpOnly: false, secure: true, sameSite: 'Strict', path: '/deep' })
    expect([(a?.expires ?? 0) > Date.now() / 1000, b?.expires]).toEqual([true, -1])
  })

  const wheres: [string, SetCookieOptions][] = [
    ['a', {}],
    ['a', { path: '/deep' }],
    ['a', { domain: 'example.com' }],
    ['a', { secure: false }],
    ['a', { partitioned: true, sameSite: 'none' }],
    ['__Host-a', {}],
    ['__Secure-a', { domain: 'example.com', path: '/deep' }],
    ['__Http-a', { path: '/deep' }],
    ['__Host-Http-a', {}],
  ]
  it.each(wheres)('deletes %s where it was set, and only there: %o', async (name, options) => {
    expect(await afterJar(jar => jar.set(name, '1', { ...options, maxAge: 60 }))).toBe(`${name}=1`)
    const elsewhere = options.path ?? options.domain ?? options.partitioned
    if (elsewhere) expect(await afterJar(jar => jar.delete(name))).toBe(`${name}=1`)
    expect(await afterJar(jar => jar.delete(name, options))).toBeUndefined()
  })
})
