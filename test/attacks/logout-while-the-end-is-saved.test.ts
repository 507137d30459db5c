import { expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { isKeepsakeError } from '../../src/errors.ts'
import type { Session } from '../../src/session/session.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { listen } from '../support/listen.ts'
import { type Data, gate } from '../support/site.ts'

/**
 * An answer has ended, and what was changed since is being saved before the client sees its end. Node has made no head yet, so that
 * it looked as if headers could still be set: what was changed then was neither saved nor refused.
 */
async function inThatMoment(change: (session: Session<Data>) => unknown) {
  const store = memoryStore()
  const [first, second] = [gate(), gate()]
  const gates = [first, second]
  const replace: typeof store.replace = async (...args) => {
    await gates.shift()?.wait()
    return store.replace(...args)
  }
  const sessions = createSessions<Data>({ store: { ...store, replace } })
  const told = Promise.withResolvers<string>()
  const pages: Record<string, (session: Session<Data>, end: () => void) => unknown> = {
    '/login': (session, end) => {
      session.rotate({ userId: 'ada' })
      end()
    },
    '/page': async (session, end) => {
      session.set('count', 1)
      end()
      session.set('count', 2)
      first.open()
      await second.reached
      try {
        change(session)
        told.resolve('')
      } catch (error) {
        told.resolve(isKeepsakeError(error) ? error.code : String(error))
      }
      second.open()
    },
    '/see': (session, end) => {
      seen = { userId: session.userId, ...session.toObject() }
      end()
    },
  }
  let seen = {}
  const served = await listen(
    nodeSessions(sessions, async (req, res) =>
      pages[req.url ?? '']?.(await sessions.of(req), () => void res.end('page')),
    ),
  )
  const headers = { cookie: (await served.fetch('/login')).headers.getSetCookie().join().split(';', 1).join() }
  await (await served.fetch('/page', { headers })).text()
  await served.fetch('/see', { headers })
  await served.close()
  return { seen, told: await told.promise }
}

it('who logs out then is logged out', async () => {
  expect(await inThatMoment(session => session.destroy())).toEqual({ seen: { userId: null }, told: '' })
})

it('what is set then is saved', async () => {
  const { seen } = await inThatMoment(session => session.set('name', 'ada'))
  expect(seen).toEqual({ userId: 'ada', count: 2, name: 'ada' })
})

it('a new token, which cannot be sent any more, is refused', async () => {
  const { seen, told } = await inThatMoment(session => session.rotate())
  expect([seen, told]).toEqual([{ userId: 'ada', count: 2 }, 'HEADERS_SENT'])
})
