import { nodeRoutes } from './node-app.ts'
import { serve } from './serve.ts'

const listener = nodeRoutes({
  login: (_req, res) => void res.end('in'),
  read: (_req, res) => void res.end('user-0'),
  write: (_req, res) => void res.end('1234'),
})
serve(listener)
