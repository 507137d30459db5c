import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { createSessions } from 'keepsake'
import { withSessions } from 'keepsake/fetch'
import { databaseStore } from 'keepsake/stores/database'

interface Visitor {
  visits: number
  cart: string[]
}

const store = databaseStore(new DatabaseSync('example.db'))
await store.migrate()
// On localhost there is no https, which the cookie otherwise asks for.
const sessions = createSessions<Visitor>({ store, cookie: { secure: process.env.NODE_ENV === 'production' } })

const handler = withSessions(sessions, async request => {
  const route = `${request.method} ${new URL(request.url).pathname}`
  if (route === 'GET /') {
    const session = await sessions.of(request)
    const visits = session.update('visits', (n = 0) => n + 1)
    const headers = { 'Content-Type': 'text/html; charset=utf-8' }
    return new Response(page(visits, session.get('cart', []), session.userId), { headers })
  }
  if (route === 'POST /cart') {
    const session = await sessions.of(request)
    const form = await request.formData()
    session.update('cart', (cart = []) => [...cart, String(form.get('item'))])
    return back()
  }
  if (route === 'POST /login') {
    const session = await sessions.of(request)
    const form = await request.formData()
    // Here a real site asks for a password: keepsake/auth does.
    session.rotate({ userId: String(form.get('username')) })
    return back()
  }
  if (route === 'POST /logout') {
    const session = await sessions.of(request)
    session.destroy()
    return back()
  }
  return new Response('Not found', { status: 404 })
})

// For Node. Deno's and Bun's own servers take the handler itself: export default { fetch: handler }
const port = Number(process.env.PORT ?? 3000)
serve({ fetch: handler, port }, () => console.log(`http://localhost:${port}`))

function back(): Response {
  return new Response(null, { status: 303, headers: { Location: '/' } })
}

function page(visits: number, cart: readonly string[], name: string | null): string {
  const loginForm = '<form method="post" action="/login"><input name="username"> <button>Log in</button></form>'
  return `<!doctype html><title>Keepsake on fetch</title>
    <h1>Hello, ${escaped(name ?? 'stranger')}</h1>
    <p>Visit ${visits}</p>
    <p>Cart: ${escaped(cart.join(', ') || 'empty')}</p>
    <form method="post" action="/cart"><input name="item"> <button>Add to cart</button></form>
    ${name ? '<form method="post" action="/logout"><button>Log out</button></form>' : loginForm}`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
