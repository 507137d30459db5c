import type { Context } from 'hono'
import { MemoryStore, type Session, sessionMiddleware } from 'hono-sessions'
import { serveHono, userOf } from './hono-app.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

// As its README advises.
const middleware = sessionMiddleware({
  store: new MemoryStore(),
  encryptionKey: 'a secret of thirty-two characters',
  expireAfterSeconds: 14 * 86_400,
  cookieOptions: { sameSite: 'Lax', path: '/', httpOnly: true, secure: true },
})

const sessionOf = (c: Context): Session<Visitor> => c.get('session')

serveHono([middleware], {
  login(c) {
    const { user, visits, note } = visitorNamed(userOf(c))
    const session = sessionOf(c)
    session.set('user', user)
    session.set('visits', visits)
    session.set('note', note)
    c.set('session_key_rotation', true)
    return c.text('in')
  },
  read: c => c.text(sessionOf(c).get('user') ?? ''),
  write(c) {
    const visits = (sessionOf(c).get('visits') ?? 0) + 1
    sessionOf(c).set('visits', visits)
    return c.text(String(visits))
  },
})
