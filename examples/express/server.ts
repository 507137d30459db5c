import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import express from 'express'
import { createSessions } from 'keepsake'
import { createAuth, databaseUsers } from 'keepsake/auth'
import { expressAuth } from 'keepsake/auth/express'
import { expressSessions } from 'keepsake/express'
import { databaseStore } from 'keepsake/stores/database'

interface Visitor {
  visits: number
  cart: string[]
}

const database = new DatabaseSync('example.db')
const store = databaseStore(database)
const users = databaseUsers(database)
await store.migrate()
await users.migrate()

// On localhost there is no https, which the cookie otherwise asks for.
const secure = process.env.NODE_ENV === 'production'
const sessions = createSessions<Visitor>({ store, cookie: { secure } })
// Without a secret in the environment, logins end with the process.
const secrets = process.env.SECRET ?? randomBytes(32).toString('base64url')
const auth = createAuth({ sessions, users, secrets, secure })
const { login, logout } = expressAuth(auth)

// Somebody who can log in. Later starts find her there.
await auth.users.create({ username: 'ada', password: 'lantern-orbit-42' })

const app = express()
app.use(express.urlencoded({ limit: '10kb' }))
app.use(expressSessions(sessions))

app.get('/', async (req, res) => {
  const session = await sessions.of(req)
  const user = await auth.user(req)
  const visits = session.update('visits', (n = 0) => n + 1)
  res.send(page(visits, session.get('cart', []), user?.username))
})

app.post('/cart', async (req, res) => {
  await auth.requireSameSite(req)
  const session = await sessions.of(req)
  session.update('cart', (cart = []) => [...cart, String(req.body?.item)])
  res.redirect(303, '/')
})

app.post('/login', login({ page: ({ message }) => `<p>${message}</p><a href="/">Try again</a>` }))
app.post('/logout', logout())

const port = Number(process.env.PORT ?? 3000)
app.listen(port, () => console.log(`http://localhost:${port}`))

function page(visits: number, cart: readonly string[], name?: string): string {
  const loginForm = `<form method="post" action="/login">
    <input name="username" placeholder="ada"> <input name="password" type="password" placeholder="lantern-orbit-42">
    <button>Log in</button>
  </form>`
  return `<!doctype html><title>Keepsake on Express</title>
    <h1>Hello, ${escaped(name ?? 'stranger')}</h1>
    <p>Visit ${visits}</p>
    <p>Cart: ${escaped(cart.join(', ') || 'empty')}</p>
    <form method="post" action="/cart"><input name="item"> <button>Add to cart</button></form>
    ${name ? '<form method="post" action="/logout"><button>Log out</button></form>' : loginForm}`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
}
