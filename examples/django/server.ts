// The Keepsake site: the cart, which was a route of the Django site before.
import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { cookies } from 'keepsake/cookies'
import {
  createCsrfSecret,
  csrfCookie,
  csrfFault,
  csrfTokenFault,
  dbEngine,
  djangoSessions,
  djangoUser,
  djangoUsers,
  maskCsrfSecret,
  unmaskCsrfToken,
} from 'keepsake/django'
import { withSessions } from 'keepsake/fetch'

interface Visitor {
  cart: string[]
}

const database = new DatabaseSync(process.env.DATABASE ?? 'shop.sqlite3')
const secrets = { secretKey: process.env.SECRET_KEY ?? 'change me: both sites have this one' }
const users = djangoUsers(database)
// On localhost there is no https, which the cookie otherwise asks for.
const secure = process.env.NODE_ENV === 'production'
const sessions = djangoSessions<Visitor>({ ...secrets, engine: dbEngine(database), cookie: { secure } })

const handler = withSessions(sessions, async request => {
  const session = await sessions.of(request)
  const secret = cookies(request).get('csrftoken')
  if (request.method === 'POST') {
    const form = await request.formData()
    const fault = csrfFault({ ...sourceOf(request), secret, formToken: String(form.get('csrfmiddlewaretoken')) })
    if (fault) return new Response(fault, { status: 403 })
    session.update('cart', (cart = []) => [...cart, String(form.get('item'))])
    return new Response(null, { status: 303, headers: { Location: '/cart' } })
  }
  const user = await djangoUser(session, users, secrets)
  const headers = new Headers({ 'Content-Type': 'text/html; charset=utf-8' })
  // Who comes here first has no cookie of Django's yet. Django before 4.1 keeps the secret masked in it.
  const isGood = secret !== undefined && csrfTokenFault(secret) === null
  const kept = isGood ? unmaskCsrfToken(secret) : createCsrfSecret()
  if (!isGood) headers.append('Set-Cookie', csrfCookie(kept, { secure }))
  return new Response(page(user?.username ?? 'stranger', session.get('cart', []), maskCsrfSecret(kept)), { headers })
})

const port = Number(process.env.PORT ?? 3000)
serve({ fetch: handler, port, hostname: '127.0.0.1' }, () => console.log(`http://localhost:${port}`))

function sourceOf({ method, headers }: Request) {
  const [host, origin, referer] = ['Host', 'Origin', 'Referer'].map(name => headers.get(name) ?? undefined)
  return { method, host, origin, referer, secure }
}

function page(name: string, cart: readonly string[], token: string): string {
  return `<!doctype html><title>Cart</title>
    <h1>Keepsake: hello, ${escaped(name)}</h1>
    <p>Cart: ${escaped(cart.join(', ') || 'empty')}</p>
    <form method="post" action="/cart">
      <input type="hidden" name="csrfmiddlewaretoken" value="${escaped(token)}">
      <input name="item"> <button>Add to cart</button>
    </form>
    <p><a href="/">Shop</a></p>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
