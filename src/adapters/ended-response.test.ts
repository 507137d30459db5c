import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { NodeSites, otherRequests, type Respond, request } from '../../test/support/node-site.ts'
import type { RawResponse } from '../../test/support/raw-request.ts'
import { createSessions } from '../create-sessions.ts'
import { StoryStore } from '../testing/adapter-contract/story-store.ts'
import { nodeSessions } from './node.ts'

const sites = new NodeSites()
afterEach(() => sites.close())

/** What a client gets without sessions, and what it gets when its answer has to wait for the session to be saved. */
async function bothWays(respond: Respond): Promise<RawResponse[]> {
  const plain = await request(await sites.serve(respond)).response()
  return [plain, await request(await sites.serveWithSessions(respond)).response()]
}

const endOf = ({ writableEnded, finished }: ServerResponse): boolean[] => [writableEnded, finished]

describe('an answer that the program has ended, and that is held back', () => {
  it('is known to be ended, and not to have left', async () => {
    const store = new StoryStore()
    const gate = store.holdBack('create')
    const seen: unknown[] = []
    const responses: ServerResponse[] = []
    const server = await sites.serveWithSessions(res => {
      responses.push(res)
      seen.push(endOf(res))
      res.write('first ')
      seen.push(endOf(res))
      res.end('last')
      seen.push(endOf(res), res.writableFinished)
    }, store)
    const client = request(server)
    await gate.arrived
    await otherRequests(server)
    expect(seen).toEqual([[false, false], [false, false], [true, true], false])
    expect(responses.map(res => [...endOf(res), res.writableFinished])).toEqual([[true, true, false]])
    gate.open()
    expect((await client.response()).body.toString()).toBe('first last')
    expect(responses.map(res => [...endOf(res), res.writableFinished])).toEqual([[true, true, true]])
  })

  it.each(['writableEnded', 'finished'] as const)('is not ended again by who looks at %s', async field => {
    for (const { body } of await bothWays(res => {
      res.end('first')
      if (!res[field]) res.end('second')
    })) {
      expect(body.toString()).toBe('first')
    }
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

  it('is open again for the error answer, when it is dropped', async () => {
    const store = new StoryStore()
    store.breakDown('create')
    const sessions = createSessions<{ name: string }>({ store })
    const ends: boolean[][] = []
    const server = await sites.serve(async (res, req) => {
      const handler = nodeSessions(sessions, async () => {
        ;(await sessions.of(req)).set('name', 'ada')
        res.end('page')
      })
      const writeHead = res.writeHead
      res.writeHead = (...args: unknown[]): ServerResponse => {
        ends.push([...endOf(res)])
        return writeHead.apply(res, args as never)
      }
      await handler(req, res)
    })
    const { status, body } = await request(server).response()
    expect([status, body.toString()]).toEqual(['HTTP/1.1 503 Service Unavailable', '503 Service Unavailable\n'])
    expect(ends.length).toBeGreaterThan(0)
    expect(ends.flat()).not.toContain(true)
  })
})

describe('an answer whose end waits for a change that was made after its headers left', () => {
  /** A stream that changes its stored session late, and what its program does then. */
  async function late(finish: (res: ServerResponse) => void): Promise<string> {
    const sessions = createSessions<{ name: string }>({ store: new StoryStore() })
    const server = await sites.serve((res, req) =>
      nodeSessions(sessions, async () => {
        const session = await sessions.of(req)
        session.set('name', 'ada')
        await session.commit()
        res.write('first ')
        await otherRequests(server)
        session.set('name', 'late')
        finish(res)
      })(req, res),
    )
    return (await request(server).response()).body.toString()
  }

  it('is known to be ended', async () => {
    const seen: boolean[][] = []
    const body = await late(res => {
      res.end('last')
      seen.push(endOf(res))
      if (!res.writableEnded) res.end('again')
    })
    expect([body, seen]).toEqual(['first last', [[true, true]]])
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
