import type { APIRoute } from 'astro'
import { sessions } from '../sessions'

export const POST: APIRoute = async ({ request, redirect }) => {
  const session = await sessions.of(request)
  const item = String((await request.formData()).get('item'))
  session.update('cart', (cart = []) => [...cart, item])
  return redirect('/', 303)
}
