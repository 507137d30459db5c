import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CookieJar } from '../../src/testing/cookie-jar.ts'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/auth.md'), 'utf8')

const files: Readonly<Record<string, string>> = {
  keepsake: 'index.ts',
  'keepsake/auth': 'auth/index.ts',
  'keepsake/express': 'adapters/express.ts',
  'keepsake/stores/database': 'stores/database/database-store.ts',
}

/** The first program of the page, with the source in place of the package. */
const program = (/```ts\n(.*?)```/s.exec(page)?.[1] ?? '').replaceAll(/'(keepsake[\w/-]*)'/g, (_, name: string) =>
  JSON.stringify(pathToFileURL(join(root, 'src', files[name] ?? name)).href),
)

describe('the program of docs/auth.md', () => {
  let server: ChildProcess
  let site = ''

  beforeAll(async () => {
    const env = { ...process.env, PORT: '0', DATABASE: ':memory:', SECRET: 'p7Qm0Zt1Yx8Rk3Vw5Ns2Jb6Lc9Hd4Gf0-docs' }
    server = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], { cwd: root, env })
    let said = ''
    server.once('exit', code => server.stdout?.emit('error', new Error(`the program ended with ${code}`)))
    server.stderr?.on('data', chunk => process.stderr.write(chunk))
    while (!/port: \d+/.test(said)) {
      const [chunk] = await once(server.stdout ?? expect.fail('no output'), 'data')
      said += String(chunk)
    }
    site = `http://localhost:${/port: (\d+)/.exec(said)?.[1]}`
  })

  afterAll(() => void server.kill())

  const post = (browser: CookieJar, path: string, form: Record<string, string> = {}): Promise<Response> =>
    browser.fetch(site + path, { method: 'POST', body: new URLSearchParams(form), headers: { Origin: site } })

  it('lets a visitor sign up, log out, and log in again, and shows them where they are logged in', async () => {
    const browser = new CookieJar()
    const ada = { username: 'ada', password: 'correct horse battery staple' }
    expect((await browser.fetch(`${site}/devices?page=2`)).headers.get('location')).toBe(
      '/login?next=%2Fdevices%3Fpage%3D2',
    )
    expect((await post(browser, '/signup', { ...ada, password: 'ada' })).status).toBe(400)
    expect((await post(browser, '/signup', ada)).status).toBe(303)
    expect(await (await browser.fetch(site)).text()).toContain('Hello ada')
    await post(browser, '/logout')
    expect((await post(browser, '/login', { ...ada, password: 'wrong' })).status).toBe(401)
    const back = await post(browser, '/login?next=/devices', { ...ada, remember: 'on' })
    expect([back.status, back.headers.get('location')]).toEqual([303, '/devices'])
    expect(await (await browser.fetch(`${site}/devices`)).json()).toMatchObject([{ isCurrent: true, how: 'password' }])
    const change = { current: ada.password, password: 'another horse, another battery' }
    expect(await (await post(browser, '/password', change)).json()).toEqual({ changed: true })
  })

  it('refuses what a page of another site sends', async () => {
    const answer = await fetch(`${site}/logout`, { method: 'POST', headers: { Origin: 'https://evil.example' } })
    expect(answer.status).toBe(403)
  })
})
