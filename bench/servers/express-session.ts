import session, { type Store } from 'express-session'
import { expressApp, userOf } from './express-app.ts'
import { addressOf, type StoreName, serve, settings } from './serve.ts'
import { SqliteExpressStore } from './sqlite-express-store.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

declare module 'express-session' {
  interface SessionData extends Visitor {}
}

// As its README advises for production.
const middleware = session({
  secret: 'a secret of thirty-two characters',
  resave: false,
  saveUninitialized: false,
  cookie: { secure: true, httpOnly: true, sameSite: 'lax', maxAge: 14 * 86_400_000 },
  store: await storeFor(settings.store),
})

async function storeFor(name: StoreName): Promise<Store> {
  if (name === 'memory') return new session.MemoryStore()
  if (name === 'sqlite') return new SqliteExpressStore(settings.directory)
  if (name === 'redis') {
    const [{ createClient }, { RedisStore }] = await Promise.all([import('redis'), import('connect-redis')])
    return new RedisStore({ client: await createClient({ socket: addressOf('redis') }).connect() })
  }
  const [{ default: pg }, { default: connectPgSimple }] = await Promise.all([import('pg'), import('connect-pg-simple')])
  const PgStore = connectPgSimple(session)
  const pool = new pg.Pool(addressOf('postgres').connection)
  return new PgStore({ pool, tableName: 'express_session', createTableIfMissing: true })
}

const app = expressApp([middleware], {
  login(req, res, next) {
    req.session.regenerate(error => {
      if (error) return next(error)
      Object.assign(req.session, visitorNamed(userOf(req)))
      res.send('in')
    })
  },
  read: (req, res) => void res.send(req.session.user),
  write(req, res) {
    const visits = (req.session.visits ?? 0) + 1
    req.session.visits = visits
    res.send(String(visits))
  },
})
serve(app)
