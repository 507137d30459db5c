import { expressSessions } from '../../src/adapters/express.ts'
import { expressApp, userOf } from './express-app.ts'
import { keepsakeSessions, visitsOf } from './keepsake-sessions.ts'
import { serve } from './serve.ts'

const sessions = await keepsakeSessions()
const { login, read, write } = visitsOf(sessions)

const app = expressApp([expressSessions(sessions)], {
  login: async (req, res) => void res.send(await login(req, userOf(req))),
  read: async (req, res) => void res.send(await read(req)),
  write: async (req, res) => void res.send(await write(req)),
})
serve(app)
