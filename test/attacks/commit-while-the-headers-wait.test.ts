import type { ServerResponse } from 'node:http'
import { expect, it } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import type { Session } from '../../src/session/session.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { type Listening, listen } from '../support/listen.ts'

type Data = { a: number; b: number }
type Page = (session: Session<Data>, res: ServerResponse) => unknown

const pages: Readonly<Record<string, Page>> = {
  '/read': (session, res) => res.end(JSON.stringify(session)),
  '/begin': (session, res) => res.end(String(session.set('a', 1))),
}

/** Serves this page, after which `/read` shows what is kept. `failures` saves fail. */
async function serve(page: Page, failures = 0): Promise<Listening> {
  const sessions = createSessions<Data>({ store: slowStore(failures) })
  return listen(
    nodeSessions(sessions, async (req, res) => {
      await (pages[req.url ?? ''] ?? page)(await sessions.of(req), res)
    }),
  )
}

/** Saves take some turns, and the first of them fail. */
function slowStore(failures: number): SessionStore {
  const memory = memoryStore()
  let left = failures
  return {
    ...memory,
    async create(id, record) {
      return memory.create(id, record)
    },
    async replace(was, id, record) {
      await new Promise(resolve => setTimeout(resolve, 2))
      if (left-- > 0) throw new Error('broken')
      return memory.replace(was, id, record)
    },
  }
}

const codeOf = (committed: Promise<void>): Promise<string> =>
  committed.then(
    () => 'saved',
    error => error.code,
  )

const cookieOf = (answer: Response): string => answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''

async function visit(server: Listening, path: string, cookie: string): Promise<Response> {
  return server.fetch(path, { headers: { cookie } })
}

async function begin(server: Listening): Promise<string> {
  return cookieOf(await server.fetch('/begin'))
}

it('saves a rotation for which an earlier commit has to end first, and its cookie goes with the headers', async () => {
  let outcome: unknown
  const server = await serve(async (session, res) => {
    session.set('b', 2)
    void session.commit()
    session.rotate()
    res.end('x')
    outcome = await codeOf(session.commit())
  })
  const old = await begin(server)
  const answer = await visit(server, '/', old)
  expect([answer.status, outcome]).toEqual([200, 'saved'])
  expect(await (await visit(server, '/read', cookieOf(answer))).json()).toEqual({ a: 1, b: 2 })
  expect(await (await visit(server, '/read', old)).json()).toEqual({})
  await server.close()
})

it.each([
  ['saves what the save before it could not, and then nothing has failed', 1, [200, 'x', 'saved'], { a: 2, b: 2 }],
  [
    'fails where that fails too, and the answer with it',
    2,
    [503, '503 Service Unavailable\n', 'STORE_FAILED'],
    { a: 1 },
  ],
])('%s', async (_, failures, shown, kept) => {
  let outcome: unknown
  const server = await serve(async (session, res) => {
    session.set('a', 2)
    res.end('x')
    session.set('b', 2)
    outcome = await codeOf(session.commit())
  }, failures)
  const cookie = await begin(server)
  const answer = await visit(server, '/', cookie)
  expect([answer.status, await answer.text(), outcome]).toEqual(shown)
  expect(await (await visit(server, '/read', cookie)).json()).toEqual(kept)
  await server.close()
})

it('says what became of a change that was dropped with its answer, and saves what is changed after that', async () => {
  const outcomes: string[] = []
  const server = await serve(async (session, res) => {
    session.set('a', 2)
    res.end('x')
    session.set('a', 3)
    await new Promise(resolve => res.once('close', resolve))
    outcomes.push(await codeOf(session.commit()))
    session.set('b', 4)
    outcomes.push(await codeOf(session.commit()))
  }, 1)
  const cookie = await begin(server)
  expect((await visit(server, '/', cookie)).status).toBe(503)
  await expect.poll(() => outcomes).toEqual(['STORE_FAILED', 'saved'])
  expect(await (await visit(server, '/read', cookie)).json()).toEqual({ a: 1, b: 4 })
  await server.close()
})

it('fails the answer once, however many of them fail', async () => {
  const outcomes: string[] = []
  const server = await serve(async (session, res) => {
    session.set('a', 2)
    res.end('x')
    for (let b = 2; b < 5; b++) {
      session.set('b', b)
      outcomes.push(await codeOf(session.commit()))
    }
  }, 9)
  const answer = await visit(server, '/', await begin(server))
  expect([answer.status, await answer.text()]).toEqual([503, '503 Service Unavailable\n'])
  await expect.poll(() => outcomes).toEqual(['STORE_FAILED', 'STORE_FAILED', 'STORE_FAILED'])
  await server.close()
})

it('does not hold the headers back for as long as a program commits again and again', async () => {
  let isThere = false
  const server = await serve(async (session, res) => {
    session.set('a', 0)
    res.write('begun')
    for (let b = 1; !isThere; b++) {
      session.set('b', b)
      await session.commit()
    }
    res.end('done')
  })
  const answer = await visit(server, '/', await begin(server))
  isThere = true
  expect(await answer.text()).toBe('begundone')
  await server.close()
})

it('after an answer that failed and the error answer, promises no cookie any more', async () => {
  const sessions = createSessions<Data>({ store: slowStore(1) })
  let outcome: unknown
  const page: Page = (session, res) => {
    session.set('b', 2)
    res.end('x')
  }
  const sorry: Page = async (session, res) => {
    session.rotate()
    res.writeHead(500).end('sorry')
    await new Promise(resolve => res.once('close', resolve))
    outcome = await codeOf(session.commit())
  }
  const server = await listen((req, res) => {
    expressSessions(sessions)(req, res, async error => {
      const session = await sessions.of(req)
      if (error) await sorry(session, res)
      else await (pages[req.url ?? ''] ?? page)(session, res)
    })
  })
  const cookie = await begin(server)
  expect(await (await visit(server, '/', cookie)).text()).toBe('sorry')
  await expect.poll(() => outcome).toBe('HEADERS_SENT')
  expect(await (await visit(server, '/read', cookie)).json()).toEqual({ a: 1 })
  await server.close()
})
