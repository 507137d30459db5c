import { withSessions } from 'keepsake/fetch'
import { NextResponse } from 'next/server'
import { sessions } from './sessions'

/** Renews the session of whoever opens a page: the page itself can set no cookie. An action sets its own. */
export const proxy = withSessions(sessions, async request => {
  if (request.method === 'GET') await sessions.of(request)
  return NextResponse.next()
})

export const config = { matcher: '/' }
