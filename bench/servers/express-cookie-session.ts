import cookieSession from 'cookie-session'
import { expressApp, userOf } from './express-app.ts'
import { serve } from './serve.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

const middleware = cookieSession({
  keys: ['a secret of thirty-two characters'],
  maxAge: 14 * 86_400_000,
  secure: true,
  httpOnly: true,
  sameSite: 'lax',
})
// express-session's types claim the name `session` for themselves.
const sessionOf = (req: object): Visitor => (req as { session: Visitor }).session

const app = expressApp([middleware], {
  login(req, res) {
    Object.assign(sessionOf(req), visitorNamed(userOf(req)))
    res.send('in')
  },
  read: (req, res) => void res.send(sessionOf(req).user),
  write: (req, res) => void res.send(String(++sessionOf(req).visits)),
})
serve(app)
