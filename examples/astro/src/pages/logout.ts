import type { APIRoute } from 'astro'
import { sessions } from '../sessions'

export const POST: APIRoute = async ({ request, redirect }) => {
  const session = await sessions.of(request)
  session.destroy()
  return redirect('/', 303)
}
