'use server'

import { refresh } from 'next/cache'
import { redirect } from 'next/navigation'
import { withSession } from '../sessions'

/** The page that answers an action sees what the action saved. */
export async function countVisit() {
  await withSession(session => session.update('visits', (n = 0) => n + 1))
  refresh()
}

export async function addToCart(form: FormData) {
  const item = String(form.get('item'))
  await withSession(session => session.update('cart', (cart = []) => [...cart, item]))
  redirect('/')
}

/** `redirect()` throws. Inside `withSession` it is an answer like any other, and what came before it is saved. */
export async function login(form: FormData) {
  await withSession(session => {
    // Here a real site asks for a password: keepsake/auth does.
    session.rotate({ userId: String(form.get('username')) })
    redirect('/')
  })
}

export async function logout() {
  await withSession(session => session.destroy())
  redirect('/')
}
