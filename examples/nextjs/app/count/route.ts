import { withSession } from '../../sessions'

/** A route handler: it counts, and answers when the count is saved. */
export function GET() {
  return withSession(session => new Response(`Visit ${session.update('visits', (n = 0) => n + 1)}`))
}
