import { redirect } from 'react-router'
import { sessions } from '../sessions.server'
import type { Route } from './+types/login'

export async function action({ request }: Route.ActionArgs) {
  const session = await sessions.of(request)
  // Here a real site asks for a password: keepsake/auth does.
  session.rotate({ userId: String((await request.formData()).get('username')) })
  return redirect('/', 303)
}
