import { Hono } from 'hono'
import { honoSessions } from 'keepsake/hono'
import { answer, bodyOf, sessions } from './site.js'

const app = new Hono()
app.use(honoSessions(sessions))
app.get('*', async c => c.body(bodyOf(await answer(c, c.req.path))))

export const fetch = (request, env, context) => app.fetch(request, env, context)
