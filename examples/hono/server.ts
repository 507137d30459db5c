import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { createSessions } from 'keepsake'
import { honoSessions } from 'keepsake/hono'
import { databaseStore } from 'keepsake/stores/database'

interface Visitor {
  visits: number
  cart: string[]
}

const store = databaseStore(new DatabaseSync('example.db'))
await store.migrate()
// On localhost there is no https, which the cookie otherwise asks for.
const sessions = createSessions<Visitor>({ store, cookie: { secure: process.env.NODE_ENV === 'production' } })

const app = new Hono()
app.use(honoSessions(sessions))

app.get('/', async c => {
  const session = await sessions.of(c)
  const visits = session.update('visits', (n = 0) => n + 1)
  return c.html(page(visits, session.get('cart', []), session.userId))
})

app.post('/cart', async c => {
  const session = await sessions.of(c)
  const { item } = await c.req.parseBody()
  session.update('cart', (cart = []) => [...cart, String(item)])
  return c.redirect('/', 303)
})

app.post('/login', async c => {
  const session = await sessions.of(c)
  const { username } = await c.req.parseBody()
  // Here a real site asks for a password: keepsake/auth does.
  session.rotate({ userId: String(username) })
  return c.redirect('/', 303)
})

app.post('/logout', async c => {
  const session = await sessions.of(c)
  session.destroy()
  return c.redirect('/', 303)
})

const port = Number(process.env.PORT ?? 3000)
serve({ fetch: app.fetch, port }, () => console.log(`http://localhost:${port}`))

function page(visits: number, cart: readonly string[], name: string | null) {
  const logoutForm = html`<form method="post" action="/logout"><button>Log out</button></form>`
  const loginForm = html`<form method="post" action="/login"><input name="username"> <button>Log in</button></form>`
  return html`<!doctype html><title>Keepsake on Hono</title>
    <h1>Hello, ${name ?? 'stranger'}</h1>
    <p>Visit ${visits}</p>
    <p>Cart: ${cart.join(', ') || 'empty'}</p>
    <form method="post" action="/cart"><input name="item"> <button>Add to cart</button></form>
    ${name ? logoutForm : loginForm}`
}
