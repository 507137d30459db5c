import { expressApp } from './express-app.ts'
import { serve } from './serve.ts'

const app = expressApp([], {
  login: (_req, res) => void res.send('in'),
  read: (_req, res) => void res.send('user-0'),
  write: (_req, res) => void res.send('1234'),
})
serve(app)
