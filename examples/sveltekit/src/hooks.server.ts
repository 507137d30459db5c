import type { Handle } from '@sveltejs/kit/hooks'
import { withSessions } from 'keepsake/fetch'
import { sessions } from './sessions.server'

export const handle: Handle = ({ event, resolve }) => withSessions(sessions, () => resolve(event))(event.request)
