import { withSessions } from 'keepsake/fetch'
import { answer, sessions } from './site.js'

export const fetch = withSessions(
  sessions,
  async request => new Response(await answer(request, new URL(request.url).pathname)),
)
