import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { NodeSites, otherRequests, request } from '../../test/support/node-site.ts'
import type { RawResponse } from '../../test/support/raw-request.ts'
import { createSessions } from '../create-sessions.ts'
import type { Session } from '../session/session.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { nodeSessions } from './node.ts'

const sites = new NodeSites()
afterEach(() => sites.close())

interface Data {
  name: string
}

type Page = (ask: () => Promise<Session<Data>>, res: Parameters<ReturnType<typeof nodeSessions>>[1]) => unknown

/** What a client gets of a page that asks for its session inside the arguments of a call: JavaScript has taken the function before. */
async function visit(page: Page, store = new StoryStore()): Promise<RawResponse> {
  const sessions = createSessions<Data>({ store, onEvent: () => undefined })
  const left = Promise.withResolvers<unknown>()
  const server = await sites.serve((res, req) =>
    nodeSessions(sessions, async () => {
      const answering = Promise.resolve(page(() => sessions.of(req), res))
      answering.then(left.resolve, left.reject)
      await answering
    })(req, res),
  )
  const response = await request(server).response()
  await left.promise
  await otherRequests(server)
  return response
}

const cookiesOf = ({ headers }: RawResponse): number => headers.filter(header => header.startsWith('Set-Cookie')).length

describe('a page that asks for its session inside the arguments of a call', () => {
  it('answers with a head that was made of what the session says', async () => {
    const response = await visit(async (ask, res) => {
      res.writeHead(302, { Location: `/${(await ask()).get('name', 'anywhere')}` })
      res.end()
    })
    expect(response.status).toBe('HTTP/1.1 302 Found')
    expect(response.headers).toContain('Location: /anywhere')
    expect(response.headers).toContain('Vary: Cookie')
  })

  it('has its session saved before the head leaves', async () => {
    const store = new StoryStore()
    const response = await visit(async (ask, res) => {
      const begin = async (): Promise<string> => {
        const session = await ask()
        session.set('name', 'ada')
        return '/'
      }
      res.writeHead(302, { Location: await begin() }).end()
    }, store)
    expect(response.status).toBe('HTTP/1.1 302 Found')
    expect([cookiesOf(response), store.calls]).toEqual([1, ['create']])
  })

  it.each(['end', 'write'] as const)(
    'is dropped with its %s when it goes on after the error answer has left',
    async call => {
      const store = new StoryStore()
      store.breakDown('create')
      const response = await visit(async (ask, res) => {
        const page = async (): Promise<string> => {
          const session = await ask()
          session.set('name', 'ada')
          res.write('first part, ')
          await session.commit().catch(() => undefined)
          while (!res.writableFinished) await nextTurn()
          return 'the rest'
        }
        res[call](await page())
      }, store)
      expect([response.status, response.body.toString()]).toEqual([
        'HTTP/1.1 503 Service Unavailable',
        '503 Service Unavailable\n',
      ])
    },
  )

  it('learns of its end after the error answer why that was dropped', async () => {
    const store = new StoryStore()
    store.breakDown('create')
    const told = Promise.withResolvers<unknown>()
    await visit(async (ask, res) => {
      const page = async (): Promise<string> => {
        const session = await ask()
        session.set('name', 'ada')
        res.write('first part, ')
        while (!res.writableFinished) await nextTurn()
        return 'the rest'
      }
      res.end(await page(), told.resolve as () => void)
    }, store)
    expect(await told.promise).toMatchObject({ code: 'STORE_FAILED' })
  })
})
