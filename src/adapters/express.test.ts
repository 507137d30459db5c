import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type Request, type Response } from 'express'
import express4 from 'express4'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Listening, listen } from '../../test/support/listen.ts'
import { createSessions } from '../create-sessions.ts'
import { isKeepsakeError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import type { Answer } from '../testing/adapter-contract/app.ts'
import { Gate } from '../testing/adapter-contract/gate.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { CookieJar } from '../testing/cookie-jar.ts'
import { describeAdapter } from '../testing/describe-adapter.ts'
import { expressSessions } from './express.ts'

interface Data {
  name: string
}

const frameworks = { 'Express 5': express, 'Express 4': express4 }

async function send(res: Response, { status, headers, body }: Answer): Promise<void> {
  res.status(status)
  for (const [name, value] of headers) res.append(name, value)
  if (typeof body === 'string') res.send(body)
  else await pipeline(Readable.from(body), res).catch(() => undefined)
}

for (const [name, framework] of Object.entries(frameworks)) {
  describeAdapter(
    `expressSessions on ${name}`,
    ({ sessions, answer }) => {
      const app = framework().set('env', 'test')
      app.use(expressSessions(sessions))
      app.use((req, res, next) => {
        answer(req, req.path)
          .then(answered => send(res, answered))
          .catch(next)
      })
      return listen(app)
    },
    { describe, it },
  )

  describe(`expressSessions on ${name}`, () => tellOfExpress(framework))
}

/** What is Express's own: its ways to answer, its routers, its error handlers. */
function tellOfExpress(framework: typeof express): void {
  const listening: Listening[] = []
  afterEach(async () => {
    for (const server of listening.splice(0)) await server.close()
  })

  type Handler = (session: Session<Data>, res: Response, req: Request) => unknown

  /** An app with sessions, one route that answers so, and these error handlers. */
  async function site(handler: Handler, ...errorHandlers: ErrorRequestHandler[]) {
    const store = new StoryStore()
    const sessions = createSessions<Data>({ store })
    const app = framework().set('env', 'test')
    app.use(expressSessions(sessions))
    const shop = framework.Router()
    shop.get('/', (req, res, next) => {
      sessions
        .of(req)
        .then(session => handler(session, res, req))
        .catch(next)
    })
    app.use('/shop', shop)
    app.get('/plain', (_req, res) => void res.send('plain'))
    for (const errorHandler of errorHandlers) app.use(errorHandler)
    const server = await listen(app)
    listening.push(server)
    const browser = new CookieJar({ fetch: server.fetch })
    return { store, browser, visit: (init?: RequestInit) => browser.fetch('/shop', init) }
  }

  function named(answer: (res: Response) => unknown): Handler {
    return (session, res) => {
      session.set('name', 'ada')
      return answer(res)
    }
  }

  it('saves before each of the ways to answer', async () => {
    const file = fileURLToPath(import.meta.url)
    const ways: [number, (res: Response) => unknown][] = [
      [200, res => res.send('text')],
      [200, res => res.json({ a: 1 })],
      [302, res => res.redirect('/next')],
      [404, res => res.sendStatus(404)],
      [200, res => res.sendFile(file)],
      [200, res => res.download(file)],
      [200, res => res.cookie('theme', 'dark').type('html').end('<p>')],
    ]
    for (const [status, way] of ways) {
      const { browser, visit } = await site(named(way))
      const response = await visit()
      await response.text()
      expect(response.status).toBe(status)
      expect(browser.get('__Host-session')).toBeDefined()
    }
  })

  it('lets a page that the browser has be answered with 304', async () => {
    const { visit } = await site((_session, res) => res.send('the same page'))
    const etag = (await visit()).headers.get('ETag') ?? ''
    const again = await visit({ headers: { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' } })
    expect(again.status).toBe(304)
    expect(again.headers.get('Vary')).toBe('Cookie')
  })

  it("gives an error of the save to the program's error handlers, also from inside a router", async () => {
    const errors: unknown[] = []
    const { store, visit } = await site(
      named(res => res.send('saved')),
      (error, _req, res, _next) => {
        errors.push(error)
        res.status(error.status).send('come back later')
      },
    )
    store.breakDown('create')
    const response = await visit()
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('come back later')
    expect(errors.map(error => isKeepsakeError(error, 'STORE_FAILED'))).toEqual([true])
  })

  it('answers with 503, and without a word of the store, where the program has no error handler', async () => {
    const { store, visit } = await site(named(res => res.send('saved')))
    store.breakDown('create')
    const response = await visit()
    expect(response.status).toBe(503)
    expect(response.headers.get('Retry-After')).toBe('1')
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it('answers with 500 for an error of the program’s own code while the session is saved', async () => {
    const seen: number[] = []
    const index = { shop: (): string => expect.fail('no shop') }
    const sessions = createSessions<Data>({ store: new StoryStore(), index })
    const app = framework().set('env', 'production')
    app.use(expressSessions(sessions))
    app.get('/', async (req, res) => {
      const session = await sessions.of(req)
      session.set('name', 'ada')
      res.status(201).send('page')
    })
    const look: ErrorRequestHandler = (error, _req, res, next) => {
      seen.push(res.statusCode)
      next(error)
    }
    app.use(look)
    const server = await listen(app)
    listening.push(server)
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const response = await server.fetch('/')
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('Internal Server Error')])
    expect(seen).toEqual([500])
  })

  it('waits for an error handler that takes its time, while the program still writes', async () => {
    const gate = new Gate()
    const left = Promise.withResolvers<void>()
    const { store, visit } = await site(
      named(async res => {
        res.type('html')
        for (let n = 0; n < 20; n++) {
          res.write(`tick ${n}\n`)
          await nextTurn()
        }
        res.end('end')
        left.resolve()
      }),
      (error, _req, res, _next) => {
        void gate.pass().then(() => res.status(error.status).send('come back later'))
      },
    )
    store.breakDown('create')
    const answer = visit()
    await gate.arrived
    await left.promise
    gate.open()
    const response = await answer
    expect(response.status).toBe(503)
    expect(await response.text()).toBe('come back later')
  })

  it('lets an error handler answer with nothing but a text', async () => {
    const { store, visit } = await site(
      named(res => res.type('html').write('first')),
      (_error, _req, res, _next) => void res.end('come back later'),
    )
    store.breakDown('create')
    const response = await visit()
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('come back later')
  })

  it('works with a body that Express has parsed', async () => {
    const sessions = createSessions<Data>({ store: new StoryStore() })
    const app = framework().set('env', 'test')
    app.use(expressSessions(sessions), framework.json())
    app.post('/', (req, res, next) => {
      sessions
        .of(req)
        .then(session => session.set('name', req.body.name))
        .then(() => res.redirect(303, '/'))
        .catch(next)
    })
    app.get('/', (req, res, next) => {
      sessions
        .of(req)
        .then(session => res.send(session.get('name')))
        .catch(next)
    })
    const server = await listen(app)
    listening.push(server)
    const browser = new CookieJar({ fetch: server.fetch })
    const headers = { 'Content-Type': 'application/json' }
    const posted = await browser.fetch('/', { method: 'POST', headers, body: '{"name":"ada"}' })
    expect(posted.status).toBe(303)
    expect(await (await browser.fetch('/')).text()).toBe('ada')
  })
}
