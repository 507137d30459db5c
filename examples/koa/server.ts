import type { IncomingMessage } from 'node:http'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { createSessions } from 'keepsake'
import { koaSessions } from 'keepsake/koa'
import { databaseStore } from 'keepsake/stores/database'
import Koa from 'koa'

interface Visitor {
  visits: number
  cart: string[]
}

const store = databaseStore(new DatabaseSync('example.db'))
await store.migrate()
// On localhost there is no https, which the cookie otherwise asks for.
const sessions = createSessions<Visitor>({ store, cookie: { secure: process.env.NODE_ENV === 'production' } })

const app = new Koa()
app.use(koaSessions(sessions))

app.use(async ctx => {
  const route = `${ctx.method} ${ctx.path}`
  if (route === 'GET /') {
    const session = await sessions.of(ctx)
    const visits = session.update('visits', (n = 0) => n + 1)
    ctx.body = page(visits, session.get('cart', []), session.userId)
  } else if (route === 'POST /cart') {
    const session = await sessions.of(ctx)
    const form = await formOf(ctx.req)
    session.update('cart', (cart = []) => [...cart, String(form.get('item'))])
    back(ctx)
  } else if (route === 'POST /login') {
    const session = await sessions.of(ctx)
    const form = await formOf(ctx.req)
    // Here a real site asks for a password: keepsake/auth does.
    session.rotate({ userId: String(form.get('username')) })
    back(ctx)
  } else if (route === 'POST /logout') {
    const session = await sessions.of(ctx)
    session.destroy()
    back(ctx)
  }
})

const port = Number(process.env.PORT ?? 3000)
app.listen(port, () => console.log(`http://localhost:${port}`))

function back(ctx: Koa.Context): void {
  ctx.redirect('/')
  ctx.status = 303
}

/** The fields of a form. What is longer than any form here, or does not say how long it is, is not read. */
async function formOf(req: IncomingMessage): Promise<URLSearchParams> {
  const isShort = Number(req.headers['content-length']) < 10_000
  return new URLSearchParams(isShort ? await text(req) : '')
}

function page(visits: number, cart: readonly string[], name: string | null): string {
  const loginForm = '<form method="post" action="/login"><input name="username"> <button>Log in</button></form>'
  return `<!doctype html><title>Keepsake on Koa</title>
    <h1>Hello, ${escaped(name ?? 'stranger')}</h1>
    <p>Visit ${visits}</p>
    <p>Cart: ${escaped(cart.join(', ') || 'empty')}</p>
    <form method="post" action="/cart"><input name="item"> <button>Add to cart</button></form>
    ${name ? '<form method="post" action="/logout"><button>Log out</button></form>' : loginForm}`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
