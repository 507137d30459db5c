import { defineHandler, redirect } from 'nitro/h3'
import { sessions } from '../sessions'

export default defineHandler(async event => {
  const session = await sessions.of(event.req)
  const item = String((await event.req.formData()).get('item'))
  session.update('cart', (cart = []) => [...cart, item])
  return redirect('/', 303)
})
