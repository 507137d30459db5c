import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FormBrowser } from '../examples/form-browser.ts'
import { findBinary } from '../services/server.ts'
import { freePort } from '../support/free-port.ts'
import { describeWithDjango } from './django-site.ts'

const example = join(import.meta.dirname, '../../examples/django')
const nginx = findBinary('nginx')

describeWithDjango('the example: one nginx, a Django site and a Keepsake site behind it', [], () => {
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-django-'))
  const processes: ChildProcess[] = []
  let site = ''

  function start(command: readonly string[], env: Readonly<Record<string, string>>): void {
    const [file = '', ...args] = process.platform === 'linux' ? ['setpriv', '--pdeathsig=TERM', ...command] : command
    processes.push(spawn(file, args, { env: { ...process.env, ...env }, cwd: directory, stdio: 'ignore' }))
  }

  beforeAll(async () => {
    const [front, django, keepsake] = [await freePort(), await freePort(), await freePort()]
    const ports: Readonly<Record<string, number>> = { '8080': front, '8000': django, '3000': keepsake }
    const text = readFileSync(join(example, 'nginx.conf'), 'utf8')
    const configuration = text.replace(/127\.0\.0\.1:(\d+)/g, (_, port) => `127.0.0.1:${ports[port]}`)
    writeFileSync(join(directory, 'nginx.conf'), configuration)
    const env = { DATABASE: join(directory, 'shop.sqlite3'), SECRET_KEY: 'the key of both sites in this test' }
    start(['/usr/bin/python3', join(example, 'shop.py')], { ...env, PORT: String(django) })
    start([nginx ?? 'nginx', '-p', directory, '-c', 'nginx.conf'], {})
    site = `http://127.0.0.1:${front}`
    await untilItAnswers(`${site}/`)
    // After Django has made the database.
    start([process.execPath, join(example, 'server.ts')], { ...env, PORT: String(keepsake) })
    await untilItAnswers(`${site}/cart`)
  }, 120_000)

  afterAll(async () => {
    for (const child of processes) {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await exited
    }
    rmSync(directory, { recursive: true, force: true })
  })

  it('has one cart and one login, and a logout is one everywhere', async () => {
    const browser = new FormBrowser(site)
    await browser.open('/')
    expect(browser.text).toContain('Django: hello, stranger Cart: empty')
    await browser.open('/cart')
    await browser.press('Add to cart', { item: 'tea' })
    expect(browser.text).toContain('Keepsake: hello, stranger Cart: tea')
    await browser.open('/')
    await browser.press('Log in', { username: 'ada', password: 'lovelace 1843' })
    expect(browser.text).toContain('Django: hello, ada Cart: tea')
    await browser.open('/cart')
    await browser.press('Add to cart', { item: 'milk' })
    expect(browser.text).toContain('Keepsake: hello, ada Cart: tea, milk')
    const window = browser.copy()
    await browser.open('/')
    await browser.press('Log out')
    expect(browser.text).toContain('Django: hello, stranger Cart: empty')
    await window.open('/cart')
    expect(window.text).toContain('Keepsake: hello, stranger Cart: empty')
  })

  it('takes the form of a visitor whose first page is the cart', async () => {
    const browser = new FormBrowser(site)
    await browser.open('/cart')
    await browser.press('Add to cart', { item: 'coffee' })
    expect(browser.text).toContain('Keepsake: hello, stranger Cart: coffee')
    await browser.open('/')
    await browser.press('Log in', { username: 'ada', password: 'lovelace 1843' })
    expect(browser.text).toContain('Django: hello, ada Cart: coffee')
  })

  it('takes no form from elsewhere', async () => {
    const response = await fetch(`${site}/cart`, { method: 'POST', body: new URLSearchParams({ item: 'spam' }) })
    expect([response.status, await response.text()]).toEqual([403, 'CSRF cookie not set.'])
  })
})

async function untilItAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 100_000; Date.now() < deadline; await wait(50)) {
    const response = await fetch(url).catch(() => null)
    if (response?.ok) return
  }
  throw new Error(`${url} does not answer`)
}
