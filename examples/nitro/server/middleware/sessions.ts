import { withSessions } from 'keepsake/fetch'
import { defineMiddleware, toResponse } from 'nitro/h3'
import { sessions } from '../sessions'

export default defineMiddleware((event, next) =>
  withSessions(sessions, async () => toResponse(await next(), event))(event.req),
)
