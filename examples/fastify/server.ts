import { DatabaseSync } from 'node:sqlite'
import Fastify from 'fastify'
import { createSessions } from 'keepsake'
import { fastifySessions } from 'keepsake/fastify'
import { databaseStore } from 'keepsake/stores/database'

interface Visitor {
  visits: number
  cart: string[]
}

const store = databaseStore(new DatabaseSync('example.db'))
await store.migrate()
// On localhost there is no https, which the cookie otherwise asks for.
const sessions = createSessions<Visitor>({ store, cookie: { secure: process.env.NODE_ENV === 'production' } })

const fastify = Fastify()
await fastify.register(fastifySessions, { sessions })
fastify.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
  done(null, Object.fromEntries(new URLSearchParams(String(body)))),
)

fastify.get('/', async (request, reply) => {
  const session = await sessions.of(request)
  const visits = session.update('visits', (n = 0) => n + 1)
  return reply.type('text/html').send(page(visits, session.get('cart', []), session.userId))
})

fastify.post<{ Body: { item?: string } }>('/cart', async ({ body, raw }, reply) => {
  const session = await sessions.of(raw)
  session.update('cart', (cart = []) => [...cart, String(body.item)])
  return reply.redirect('/', 303)
})

fastify.post<{ Body: { username?: string } }>('/login', async ({ body, raw }, reply) => {
  const session = await sessions.of(raw)
  // Here a real site asks for a password: keepsake/auth does.
  session.rotate({ userId: String(body.username) })
  return reply.redirect('/', 303)
})

fastify.post('/logout', async (request, reply) => {
  const session = await sessions.of(request)
  session.destroy()
  return reply.redirect('/', 303)
})

console.log(await fastify.listen({ port: Number(process.env.PORT ?? 3000) }))

function page(visits: number, cart: readonly string[], name: string | null): string {
  const loginForm = '<form method="post" action="/login"><input name="username"> <button>Log in</button></form>'
  return `<!doctype html><title>Keepsake on Fastify</title>
    <h1>Hello, ${escaped(name ?? 'stranger')}</h1>
    <p>Visit ${visits}</p>
    <p>Cart: ${escaped(cart.join(', ') || 'empty')}</p>
    <form method="post" action="/cart"><input name="item"> <button>Add to cart</button></form>
    ${name ? '<form method="post" action="/logout"><button>Log out</button></form>' : loginForm}`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
