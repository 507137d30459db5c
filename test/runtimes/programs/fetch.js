import { withSessions } from 'keepsake/fetch'
import { answer, bodyOf, sessions } from './site.js'

export const fetch = withSessions(
  sessions,
  async request => new Response(bodyOf(await answer(request, new URL(request.url).pathname))),
)
