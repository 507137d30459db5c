import { defineHandler } from 'nitro/h3'
import { page } from '../page'
import { sessions } from '../sessions'

export default defineHandler(async event => {
  const session = await sessions.of(event.req)
  const visits = session.update('visits', (n = 0) => n + 1)
  event.res.headers.set('Content-Type', 'text/html; charset=utf-8')
  return page(visits, session.get('cart', []), session.userId)
})
