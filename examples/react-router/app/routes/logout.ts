import { redirect } from 'react-router'
import { sessions } from '../sessions.server'
import type { Route } from './+types/logout'

export async function action({ request }: Route.ActionArgs) {
  const session = await sessions.of(request)
  session.destroy()
  return redirect('/', 303)
}
