import { withSessions } from 'keepsake/fetch'
import { Outlet, Scripts } from 'react-router'
import type { Route } from './+types/root'
import { sessions } from './sessions.server'

export const middleware: Route.MiddlewareFunction[] = [
  ({ request }, next) => withSessions(sessions, () => next())(request),
]

export default function Root() {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <title>Keepsake on React Router</title>
      </head>
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  )
}
