import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { codeOf } from '../../test/support/code-of.ts'
import type { Listening } from '../../test/support/listen.ts'
import { NodeSites, otherRequests, type Respond, request } from '../../test/support/node-site.ts'
import type { RawResponse } from '../../test/support/raw-request.ts'
import { createSessions } from '../create-sessions.ts'
import { isKeepsakeError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import { tokenToId } from '../session/token.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { nodeSessions } from './node.ts'

const sites = new NodeSites()
afterEach(() => sites.close())

/** What a client gets without sessions, and what it gets when its answer has to wait for the session to be saved. */
async function bothWays(respond: Respond): Promise<RawResponse[]> {
  const plain = await request(await sites.serve(respond)).response()
  return [plain, await request(await sites.serveWithSessions(respond)).response()]
}

/** What is stored of the session whose cookie these headers set; null: nothing. */
async function storedFor(headers: readonly string[], store: StoryStore): Promise<string | null> {
  const [, token = ''] = /__Host-session=([^;]*)/.exec(headers.join()) ?? []
  const record = token && (await store.read(tokenToId(token)))
  return record ? (/"d":{(.*?)}/.exec(record.payload)?.[1] ?? null) : null
}

/** A handler whose session is stored, and whose headers have left. */
function streaming(
  store: StoryStore,
  goOn: (res: ServerResponse, session: Session<{ name: string }>, server: Listening) => unknown,
) {
  const sessions = createSessions<{ name: string }>({ store, onEvent: () => undefined })
  const server: Promise<Listening> = sites.serve((res, req) =>
    nodeSessions(sessions, async () => {
      const session = await sessions.of(req)
      session.set('name', 'ada')
      await session.commit()
      res.write('first ')
      await otherRequests(await server)
      await goOn(res, session, await server)
    })(req, res),
  )
  return server
}

describe('an answer that the program has ended, and that is held back', () => {
  it('is known to be ended, and not to have left', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const seen: unknown[] = []
    const responses: ServerResponse[] = []
    const server = await sites.serveWithSessions(res => {
      responses.push(res)
      seen.push(res.writableEnded)
      res.write('first ')
      seen.push(res.writableEnded)
      res.end('last')
      seen.push(res.writableEnded, res.writableFinished)
    }, store)
    const client = request(server)
    await gate.arrived
    await otherRequests(server)
    expect(seen).toEqual([false, false, true, false])
    expect(responses.map(res => [res.writableEnded, res.writableFinished])).toEqual([[true, false]])
    gate.open()
    expect((await client.response()).body.toString()).toBe('first last')
    expect(responses.map(res => [res.writableEnded, res.writableFinished])).toEqual([[true, true]])
  })

  it.each(['writableEnded', 'finished'] as const)('is not ended again by who looks at %s', async field => {
    for (const { body } of await bothWays(res => {
      res.end('first')
      if (!res[field]) res.write('more')
      if (!res[field]) res.end('second')
    })) {
      expect(body.toString()).toBe('first')
    }
  })

  it('is not followed by a second body, and who gave that learns it', async () => {
    const told: unknown[] = []
    const server = await sites.serveWithSessions(res => {
      res.end('first')
      const tell = (error?: NodeJS.ErrnoException | null): unknown => told.push(error?.code)
      res.end('second', tell as () => void)
      res.write('third', tell)
    })
    expect((await request(server).response()).body.toString()).toBe('first')
    expect(told).toEqual(['ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_WRITE_AFTER_END'])
  })

  it('is not cut off when the server is told to close, as at every deploy', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const server = await sites.serveWithSessions(res => res.end('page'), store)
    const client = request(server)
    await gate.arrived
    server.server.closeIdleConnections()
    await otherRequests(server)
    gate.open()
    const { status, body, headers } = await client.response()
    expect([status, body.toString(), headers.join()]).toEqual([
      'HTTP/1.1 200 OK',
      'page',
      expect.stringContaining('__Host-session='),
    ])
  })

  it('has not finished for who waits for that, when the client goes away', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const outcomes: Promise<unknown>[] = []
    const server = await sites.serveWithSessions(res => {
      outcomes.push(finished(res).catch(error => error.code))
      res.end('never seen')
    }, store)
    const client = request(server)
    await gate.arrived
    client.leave()
    expect(await Promise.all(outcomes)).toEqual(['ERR_STREAM_PREMATURE_CLOSE'])
    gate.open()
    await otherRequests(server)
  })

  it('does not look ended to the error answer that takes its place', async () => {
    const store = new StoryStore()
    store.breakDown('create')
    const sessions = createSessions<{ name: string }>({ store })
    const ends: boolean[] = []
    const server = await sites.serve(async (res, req) => {
      const handler = nodeSessions(sessions, async () => {
        ;(await sessions.of(req)).set('name', 'ada')
        res.end('page')
      })
      const writeHead = res.writeHead
      res.writeHead = (...args: unknown[]): ServerResponse => {
        ends.push(res.writableEnded, res.finished)
        return writeHead.apply(res, args as never)
      }
      await handler(req, res)
    })
    const { status, body } = await request(server).response()
    expect([status, body.toString()]).toEqual(['HTTP/1.1 503 Service Unavailable', '503 Service Unavailable\n'])
    expect(ends.length).toBeGreaterThan(0)
    expect(ends).not.toContain(true)
  })
})

describe('an answer whose end waits for a change that was made after its headers left', () => {
  /** A stream that changes its stored session late, and what its program does then. */
  async function late(
    finish: (res: ServerResponse, early: (text: string) => unknown) => void,
    early = false,
  ): Promise<string> {
    const sessions = createSessions<{ name: string }>({ store: new StoryStore() })
    const server = await sites.serve((res, req) =>
      nodeSessions(sessions, async () => {
        const { end } = res
        const session = await sessions.of(req)
        session.set('name', 'ada')
        await session.commit()
        res.write('first ')
        await otherRequests(server)
        session.set('name', 'late')
        if (early) res.end = end
        finish(res, end)
      })(req, res),
    )
    return (await request(server).response()).body.toString()
  }

  it('is known to be ended', async () => {
    const seen: boolean[] = []
    const body = await late(res => {
      res.end('last')
      seen.push(res.writableEnded)
      if (!res.writableEnded) res.end('again')
    })
    expect([body, seen]).toEqual(['first last', [true]])
  })

  it.each([
    { first: 'from the response', second: 'from the response' },
    { first: 'early', second: 'from the response' },
    { first: 'from the response', second: 'early' },
    { first: 'early', second: 'early' },
  ])(
    'is not ended again by who looks at finished, with one end taken $first and one $second',
    async ({ first, second }) => {
      const body = await late((res, early) => {
        const end = (when: string, text: string): unknown => (when === 'early' ? early.call(res, text) : res.end(text))
        end(first, 'last')
        if (!res.finished) end(second, 'again')
      })
      expect(body).toBe('first last')
    },
  )

  it.each(['once', 'twice'])(
    'ends once, also by a function that the program took before it changed the session, and called %s',
    async times => {
      const body = await late(res => {
        res.end('last')
        if (times === 'twice') res.end()
      }, true)
      expect(body).toBe('first last')
    },
  )

  it('tells the callback when that change cannot be saved', async () => {
    const told: unknown[] = []
    const store = new StoryStore()
    const server = await streaming(store, (res, session) => {
      store.breakDown('replace')
      session.set('name', 'late')
      res.end('last', (error?: unknown) => told.push(isKeepsakeError(error, 'STORE_FAILED')))
    })
    await expect(request(server).response()).rejects.toThrow('the body breaks off')
    expect(told).toEqual([true])
  })

  it('is not cut off when the server is told to close', async () => {
    const store = new StoryStore()
    const server = await streaming(store, async (res, session, listening) => {
      const gate = store.holdBack('replace')
      session.set('name', 'late')
      res.end('last')
      await gate.arrived
      listening.server.closeIdleConnections()
      gate.open()
    })
    expect((await request(server).response()).body.toString()).toBe('first last')
  })

  it('takes nothing more, as without sessions', async () => {
    const codes: unknown[] = []
    const body = await late(res => {
      res.on('error', error => codes.push('code' in error && error.code))
      res.end('last')
      res.write('too late')
    })
    expect([body, codes]).toEqual(['first last', ['ERR_STREAM_WRITE_AFTER_END']])
  })
})

describe('a session that is changed while its answer, which has ended, is held back', () => {
  /** What a client gets, and what of the session is stored then. */
  async function changed(
    store: StoryStore,
    change: (session: Session<{ name: string }>, res: ServerResponse) => unknown,
  ) {
    const sessions = createSessions<{ name: string }>({ store, onEvent: () => undefined })
    const gate = store.holdBack('create')
    const done = Promise.withResolvers<void>()
    const server = await sites.serve((res, req) =>
      nodeSessions(sessions, async () => {
        const session = await sessions.of(req)
        session.set('name', 'ada')
        res.end('page')
        await gate.arrived
        await change(session, res)
        done.resolve()
      })(req, res),
    )
    const client = request(server)
    await gate.arrived
    gate.open()
    await done.promise
    const { status, headers, body } = await client.response()
    await otherRequests(server)
    return { status, body: body.toString(), stored: await storedFor(headers, store) }
  }

  it('has left with the change', async () => {
    const answer = await changed(new StoryStore(), session => session.set('name', 'late'))
    expect([answer.status, answer.body, answer.stored]).toEqual(['HTTP/1.1 200 OK', 'page', '"name":"late"'])
  })

  it('is gone when the program ends it while a late change is being saved', async () => {
    const store = new StoryStore()
    const answer = await changed(store, async session => {
      session.set('name', 'late')
      const replacing = store.holdBack('replace')
      await replacing.arrived
      session.destroy()
      replacing.open()
    })
    expect([answer.body, answer.stored]).toEqual(['page', null])
  })

  it('leaves also when the program goes on to change it, as a job does that tells how far it is', async () => {
    const store = new StoryStore()
    let steps = 0
    let isOver = false
    const { replace } = store
    const answer = await changed(store, session => {
      store.replace = async (...args) => {
        if (!isOver) session.set('name', `step ${++steps}`)
        await new Promise(setImmediate)
        return replace.apply(store, args)
      }
      session.set('name', 'begun')
    })
    isOver = true
    expect([answer.body, steps > 0]).toEqual(['page', true])
  })

  it('looks sent until then', async () => {
    const store = new StoryStore()
    const codes: unknown[] = []
    const { status } = await changed(store, async (session, res) => {
      session.set('name', 'late')
      const replacing = store.holdBack('replace')
      await replacing.arrived
      res.statusCode = 500
      codes.push(
        res.headersSent,
        res.writableEnded,
        codeOf(() => res.setHeader('X-Late', '1')),
      )
      replacing.open()
    })
    expect([status, codes]).toEqual(['HTTP/1.1 200 OK', [true, true, 'ERR_HTTP_HEADERS_SENT']])
  })

  it('is answered with an error when that cannot be saved, and what was saved keeps its cookie', async () => {
    const store = new StoryStore()
    const { status, stored } = await changed(store, session => {
      session.set('name', 'late')
      store.breakDown('replace')
    })
    store.repair()
    expect([status, stored]).toEqual(['HTTP/1.1 503 Service Unavailable', '"name":"ada"'])
  })
})

describe('a session that is changed after its answer has left', () => {
  it('is gone when the program ends it while a change is being saved that cannot be', async () => {
    const store = new StoryStore()
    const events: string[] = []
    const sessions = createSessions<{ name: string }>({ store, onEvent: ({ type }) => void events.push(type) })
    const ended = Promise.withResolvers<void>()
    const server = await sites.serve((res, req) =>
      nodeSessions(sessions, async () => {
        const session = await sessions.of(req)
        session.set('name', 'ada')
        await session.commit()
        res.end('page')
        await once(res, 'close')
        const gate = store.holdBack('replace')
        session.set('name', 'late')
        await gate.arrived
        session.destroy()
        gate.fail(new Error('the store is down'))
        ended.resolve()
      })(req, res),
    )
    const { headers } = await request(server).response()
    await ended.promise
    await otherRequests(server)
    expect([await storedFor(headers, store), events]).toEqual([null, ['late-commit-failed']])
  })

  it('is not saved at the end when the program was told that it cannot be', async () => {
    const store = new StoryStore()
    const server = await streaming(store, async (res, session) => {
      session.set('name', 'late')
      store.breakDown('replace')
      await expect(session.commit()).rejects.toThrow('STORE_FAILED')
      store.repair()
      res.end('not saved')
    })
    const { body, headers } = await request(server).response()
    expect([body.toString(), await storedFor(headers, store)]).toEqual(['first not saved', '"name":"ada"'])
  })
})

describe('two Sessions on one response', () => {
  /** The outer one has something to save late, and the program ends the response, while the inner one is being saved. */
  async function savedTwice(ended: (res: ServerResponse, saveOuter: () => void) => unknown): Promise<string> {
    const [innerStore, outerStore] = [new StoryStore(), new StoryStore()]
    const inner = createSessions<{ name: string }>({ store: innerStore })
    const outer = createSessions<{ name: string }>({ store: outerStore, cookie: { name: 'outer' } })
    const gate = innerStore.holdBack('create')
    const server = await sites.serve((res, req) =>
      nodeSessions(inner, (_, response) =>
        nodeSessions(outer, async () => {
          ;(await inner.of(req)).set('name', 'ada')
          const session = await outer.of(req)
          session.set('name', 'ada')
          response.write('first ')
          await gate.arrived
          const late = outerStore.holdBack('replace')
          session.set('name', 'late')
          response.end('last')
          gate.open()
          await otherRequests(server)
          await ended(response, () => late.open())
        })(req, response),
      )(req, res),
    )
    return (await request(server).response()).body.toString()
  }

  it('keep its parts in their order', async () => {
    expect(await savedTwice((_, saveOuter) => saveOuter())).toBe('first last')
  })

  it('both show that it has been ended', async () => {
    const seen: boolean[] = []
    await savedTwice((res, saveOuter) => {
      seen.push(res.writableEnded)
      saveOuter()
    })
    expect(seen).toEqual([true])
  })

  it('answer with the error of the inner one while the outer one saves a late change', async () => {
    const [innerStore, outerStore] = [new StoryStore(), new StoryStore()]
    const inner = createSessions<{ name: string }>({ store: innerStore, cookie: { name: 'inner' } })
    const outer = createSessions<{ name: string }>({ store: outerStore })
    innerStore.breakDown('create')
    const server = await sites.serve((res, req) =>
      nodeSessions(outer, (_, response) =>
        nodeSessions(inner, async () => {
          ;(await inner.of(req)).set('name', 'ada')
          const session = await outer.of(req)
          session.set('name', 'ada')
          await session.commit()
          response.write('page ')
          session.destroy()
          response.end('its end')
        })(req, response),
      )(req, res),
    )
    const { status, body } = await request(server).response()
    expect([status, body.toString()]).toEqual(['HTTP/1.1 503 Service Unavailable', '503 Service Unavailable\n'])
  })
})
