import { Hono } from 'hono'
import { honoSessions } from 'keepsake/hono'
import { answer, sessions } from './site.js'

const app = new Hono()
app.use(honoSessions(sessions))
app.get('*', async c => c.text(await answer(c, c.req.path)))

export const fetch = request => app.fetch(request)
