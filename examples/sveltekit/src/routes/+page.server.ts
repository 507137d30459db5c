import { redirect } from '@sveltejs/kit'
import { sessions } from '../sessions.server'
import type { Actions, PageServerLoad } from './$types'

export const load: PageServerLoad = async ({ request }) => {
  const session = await sessions.of(request)
  const visits = session.update('visits', (n = 0) => n + 1)
  return { visits, cart: session.get('cart', []), name: session.userId }
}

export const actions: Actions = {
  async cart({ request }) {
    const session = await sessions.of(request)
    const item = String((await request.formData()).get('item'))
    session.update('cart', (cart = []) => [...cart, item])
    redirect(303, '/')
  },
  async login({ request }) {
    const session = await sessions.of(request)
    // Here a real site asks for a password: keepsake/auth does.
    session.rotate({ userId: String((await request.formData()).get('username')) })
    redirect(303, '/')
  },
  async logout({ request }) {
    const session = await sessions.of(request)
    session.destroy()
    redirect(303, '/')
  },
}
