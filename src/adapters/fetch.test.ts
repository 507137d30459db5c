import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { describe, expect, it } from 'vitest'
import { listenOn } from '../../test/support/listen.ts'
import { fetchHandler, mountFetch } from '../../test/support/mount-fetch.ts'
import { createSessions } from '../create-sessions.ts'
import { isKeepsakeError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import { memoryStore } from '../stores/memory.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { CookieJar } from '../testing/cookie-jar.ts'
import { describeAdapter } from '../testing/describe-adapter.ts'
import { withSessions } from './fetch.ts'

describeAdapter('withSessions', mountFetch, { describe, it, holdsEnd: false })

describeAdapter(
  'withSessions on a server that listens',
  app => listenOn(createAdaptorServer({ fetch: fetchHandler(app) }) as Server),
  { describe, it, holdsEnd: false },
)

interface Data {
  name: string
}

/** A handler with sessions, and the store that they rest in. */
function site(answer: (session: Session<Data>) => Response | Promise<Response>) {
  const store = new StoryStore()
  const sessions = createSessions<Data>({ store })
  const handler = withSessions(sessions, async request => answer(await sessions.of(request)))
  const browser = new CookieJar({ fetch: (url, init) => handler(new Request(url, init)) })
  return { store, browser, visit: () => browser.fetch('http://localhost/') }
}

describe('withSessions', () => {
  it('gives back the very response of a handler that does not ask for the session', async () => {
    const response = new Response('plain')
    const handler = withSessions(createSessions({ store: memoryStore() }), () => response)
    expect(await handler(new Request('http://localhost'))).toBe(response)
  })

  it('tells a platform that ends all work with the answer to wait for what a stream changes', async () => {
    const store = new StoryStore()
    const sessions = createSessions<Data>({ store })
    const handler = withSessions(sessions, async (request: Request, _env: object, _context: object) => {
      const session = await sessions.of(request)
      if (!session.id) session.set('name', 'ada')
      async function* parts() {
        yield 'first'
        if (session.id) session.set('name', 'bob')
      }
      return new Response(ReadableStream.from(parts()).pipeThrough(new TextEncoderStream()))
    })
    const awaited: Promise<unknown>[] = []
    const context = { waitUntil: (work: Promise<unknown>) => void awaited.push(work) }
    const browser = new CookieJar({ fetch: (url, init) => handler(new Request(url, init), {}, context) })
    await (await browser.fetch('http://localhost/')).text()
    await Promise.all(awaited.splice(0))
    const gate = store.holdBack('replace')
    await (await browser.fetch('http://localhost/')).text()
    expect(awaited).toHaveLength(1)
    const order: string[] = []
    const waited = Promise.all(awaited).then(() => order.push('waited'))
    await gate.arrived
    order.push('saved')
    gate.open()
    await waited
    expect(order).toEqual(['saved', 'waited'])
  })

  it('hands on what else the platform gives to a handler', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const handler = withSessions(sessions, (_request, env: { name: string }) => new Response(env.name))
    expect(await (await handler(new Request('http://localhost'), { name: 'worker' })).text()).toBe('worker')
  })

  it('never writes one visitor’s cookie into a response that the handler gives to several', async () => {
    const shared = new Response(null, { status: 204 })
    const { visit, browser } = site(session => {
      session.set('name', 'ada')
      return shared
    })
    await visit()
    expect(browser.get('__Host-session')).toBeDefined()
    expect([...shared.headers]).toEqual([])
  })

  it('nor into one of status 200 without a body, which nobody can tell from others before it is sent', async () => {
    const shared = new Response(null)
    const { visit, browser } = site(session => {
      session.set('name', 'ada')
      return shared
    })
    await visit()
    expect(browser.get('__Host-session')).toBeDefined()
    expect([...shared.headers]).toEqual([['vary', 'Cookie']])
  })

  it('sets the cookie on a response whose headers cannot be changed', async () => {
    const { visit } = site(session => {
      session.set('name', 'ada')
      return Response.redirect('http://localhost/next')
    })
    const response = await visit()
    expect(response.status).toBe(302)
    expect(response.headers.get('Location')).toBe('http://localhost/next')
    expect(response.headers.getSetCookie().length).toBe(1)
  })

  it('tells the maker of a body that nobody will read it, when the session cannot be saved', async () => {
    const cancelled = Promise.withResolvers<unknown>()
    const { store, visit } = site(session => {
      session.set('name', 'ada')
      return new Response(new ReadableStream({ cancel: cancelled.resolve }))
    })
    store.breakDown('create')
    expect((await visit()).status).toBe(503)
    expect(isKeepsakeError(await cancelled.promise, 'STORE_FAILED')).toBe(true)
  })

  it('does not wait for a body that takes its time to end, when the session cannot be saved', async () => {
    const { store, visit } = site(session => {
      session.set('name', 'ada')
      return new Response(new ReadableStream({ cancel: () => new Promise(() => undefined) }))
    })
    store.breakDown('create')
    expect((await visit()).status).toBe(503)
  })

  it('answers its own errors with their status, and when to try again', async () => {
    const { store, visit } = site(session => {
      session.set('name', 'ada')
      return new Response('saved')
    })
    store.breakDown('create')
    const response = await visit()
    expect(response.headers.get('Retry-After')).toBe('1')
    expect(await response.text()).toBe('503\n')
  })

  it('throws the error of the handler, and no other', async () => {
    const error = new Error('the program failed')
    const { visit } = site(session => {
      session.set('name', 'ada')
      throw error
    })
    await expect(visit()).rejects.toBe(error)
  })

  it('answers 503 when the handler failed, and the logout that is to hold all the same cannot be done', async () => {
    const { store, browser, visit } = site(session => {
      if (!session.id) session.set('name', 'ada')
      if (!session.id) return new Response('welcome')
      session.destroy()
      throw new Error('the program failed')
    })
    await visit()
    const cookie = browser.get('__Host-session')
    store.breakDown('delete')
    expect((await visit()).status).toBe(503)
    expect(browser.get('__Host-session')).toBe(cookie)
  })

  it('tells a program that asks with another request', async () => {
    const sessions = createSessions({ store: memoryStore() })
    const handler = withSessions(sessions, async request => {
      await sessions.of(new Request(request))
      return new Response('unreachable')
    })
    expect((await handler(new Request('http://localhost'))).status).toBe(500)
    await expect(sessions.of(new Request('http://localhost'))).rejects.toThrow('REQUEST_UNKNOWN')
  })
})
