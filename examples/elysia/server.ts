import { Elysia, t } from 'elysia'
import { withSessions } from 'keepsake/fetch'
import { serve } from 'srvx'
import { page } from './page.ts'
import { sessions } from './sessions.ts'

/** Elysia's own `redirect('/')` throws on Node, where `Response.redirect` takes whole URLs only. */
const home = () => new Response(null, { status: 303, headers: { Location: '/' } })

const app = new Elysia()
  .get('/', async ({ request, set }) => {
    const session = await sessions.of(request)
    const visits = session.update('visits', (n = 0) => n + 1)
    set.headers['content-type'] = 'text/html; charset=utf-8'
    return page(visits, session.get('cart', []), session.userId)
  })
  .post(
    '/cart',
    async ({ request, body }) => {
      const session = await sessions.of(request)
      session.update('cart', (cart = []) => [...cart, body.item])
      return home()
    },
    { body: t.Object({ item: t.String() }) },
  )
  .post(
    '/login',
    async ({ request, body }) => {
      const session = await sessions.of(request)
      // Here a real site asks for a password: keepsake/auth does.
      session.rotate({ userId: body.username })
      return home()
    },
    { body: t.Object({ username: t.String() }) },
  )
  .post('/logout', async ({ request }) => {
    const session = await sessions.of(request)
    session.destroy()
    return home()
  })

// With Bun: Bun.serve({ fetch: withSessions(sessions, app.fetch) })
serve({ fetch: withSessions(sessions, app.fetch), port: Number(process.env.PORT ?? 3000) })
