import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { describe, it } from 'vitest'
import { listenOn } from '../../test/support/listen.ts'
import { bodyOf } from '../../test/support/mount-fetch.ts'
import type { AdapterApp } from '../testing/adapter-contract/app.ts'
import { describeAdapter } from '../testing/describe-adapter.ts'
import { honoSessions } from './hono.ts'

function build({ sessions, answer }: AdapterApp): Hono {
  const app = new Hono()
  app.use(honoSessions(sessions))
  app.all('*', async c => {
    const answered = await answer(c, c.req.path)
    return new Response(bodyOf(answered), {
      status: answered.status,
      headers: answered.headers.map(([name, value]) => [name, value]),
    })
  })
  return app
}

describeAdapter(
  'honoSessions',
  app => {
    const hono = build(app)
    return {
      fetch: async (path, init) => hono.request(path, init),
      close: () => undefined,
    }
  },
  { describe, it, holdsEnd: false },
)

describeAdapter('honoSessions on @hono/node-server', app => listenOn(createAdaptorServer(build(app)) as Server), {
  describe,
  it,
  holdsEnd: false,
})
