import { Readable } from 'node:stream'
import express from 'express'
import { expect, it } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { listen } from '../support/listen.ts'
import { StoryStore } from './kit.ts'

it('an error handler that waits before res.status(500).end(...) is swallowed when the dropped answer was piped: the request hangs', async () => {
  const store = new StoryStore()
  store.breakDown('create')
  const sessions = createSessions<{ a: number }>({ store })
  const app = express()
  app.use(expressSessions(sessions))
  app.get('/', async (req, res) => {
    ;(await sessions.of(req)).set('a', 1)
    Readable.from(['one', 'two', 'three']).pipe(res)
  })
  app.use(async (_e: unknown, _q: express.Request, res: express.Response, _n: express.NextFunction) => {
    await new Promise(resolve => setTimeout(resolve, 5)) // writes the error to a log
    res.status(500).end('sorry')
  })
  const server = await listen(app)
  const outcome = await server.fetch('/', { signal: AbortSignal.timeout(1500) }).then(
    async r => `${r.status} ${await r.text()}`,
    error => error.name,
  )
  await server.close()
  expect(outcome).toBe('500 sorry')
})
it('the same with an answer that goes on by itself: its tail is sent as the error answer', async () => {
  const store = new StoryStore()
  store.breakDown('create')
  const sessions = createSessions<{ a: number }>({ store })
  const app = express()
  app.use(expressSessions(sessions))
  app.get('/', async (req, res) => {
    ;(await sessions.of(req)).set('a', 1)
    res.write('secret one')
    await new Promise(resolve => setTimeout(resolve, 30))
    res.end('secret two')
  })
  app.use(async (_e: unknown, _q: express.Request, res: express.Response, _n: express.NextFunction) => {
    await new Promise(resolve => setTimeout(resolve, 5))
    res.status(500).end('sorry')
  })
  const server = await listen(app)
  const outcome = await server.fetch('/', { signal: AbortSignal.timeout(1500) }).then(
    async r => `${r.status} ${await r.text()}`,
    error => error.name,
  )
  await server.close()
  expect(outcome).toBe('500 sorry')
})
