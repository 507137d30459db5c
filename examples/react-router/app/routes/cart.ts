import { redirect } from 'react-router'
import { sessions } from '../sessions.server'
import type { Route } from './+types/cart'

export async function action({ request }: Route.ActionArgs) {
  const session = await sessions.of(request)
  const item = String((await request.formData()).get('item'))
  session.update('cart', (cart = []) => [...cart, item])
  return redirect('/', 303)
}
