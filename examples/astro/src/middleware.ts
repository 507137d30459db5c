import { defineMiddleware } from 'astro:middleware'
import { withSessions } from 'keepsake/fetch'
import { sessions } from './sessions'

export const onRequest = defineMiddleware(({ request }, next) => withSessions(sessions, () => next())(request))
