import type { APIRoute } from 'astro'
import { sessions } from '../sessions'

export const POST: APIRoute = async ({ request, redirect }) => {
  const session = await sessions.of(request)
  // Here a real site asks for a password: keepsake/auth does.
  session.rotate({ userId: String((await request.formData()).get('username')) })
  return redirect('/', 303)
}
