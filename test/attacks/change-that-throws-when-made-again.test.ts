import { expect, it } from 'vitest'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import type { Session } from '../../src/session/session.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { SessionStore } from '../../src/stores/store.ts'
import { type Listening, listen } from '../support/listen.ts'

type Data = { a: number; b: number; elsewhere: number }
type Page = (session: Session<Data>) => unknown

async function serve(store: SessionStore, pages: Readonly<Record<string, Page>>): Promise<Listening> {
  const sessions = createSessions<Data>({ store })
  return listen(
    nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      await pages[req.url ?? '']?.(session)
      res.end(JSON.stringify(session))
    }),
  )
}

/** What is given as `before` happens first, once, when a record is to be replaced. */
function waitingStore(store: SessionStore): SessionStore & { before: (() => unknown) | undefined } {
  const waiting = {
    ...store,
    before: undefined as (() => unknown) | undefined,
    replace: (async (was, id, record) => {
      const { before } = waiting
      waiting.before = undefined
      await before?.()
      return store.replace(was, id, record)
    }) satisfies SessionStore['replace'],
  }
  return waiting
}

/** Changes the session while its save is under way, in a way that cannot be made again on what another process made of it. */
async function changeMeanwhile(session: Session<Data>): Promise<string> {
  let made = 0
  session.update('a', (a = 0) => a + 1)
  const committed = session.commit()
  session.update('b', (b = 0) => {
    if (++made === 2) throw new Error('not again')
    return b + 1
  })
  return committed.then(
    () => 'saved',
    error => error.message,
  )
}

it('fails the commit after whose save it was made again, and what that saved is not saved twice', async () => {
  const memory = memoryStore()
  const store = waitingStore(memory)
  let outcome: unknown
  const here = await serve(store, {
    '/begin': session => session.set('a', 0),
    '/': async session => {
      outcome = await changeMeanwhile(session)
    },
  })
  const otherProcess = await serve(memory, { '/': session => session.set('elsewhere', 1) })
  const begun = await here.fetch('/begin')
  const headers = { cookie: begun.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
  store.before = () => otherProcess.fetch('/', { headers })
  const answer = await here.fetch('/', { headers })
  expect([outcome, answer.status]).toEqual(['not again', 200])
  expect(await (await otherProcess.fetch('/read', { headers })).json()).toEqual({ a: 1, b: 1, elsewhere: 1 })
  await here.close()
  await otherProcess.close()
})
