import { createServer } from 'node:http'
import express from 'express'
import { expressSessions } from 'keepsake/express'
import { answer, send, sessions } from './site.js'

const app = express()
app.use(expressSessions(sessions))
app.use(async (req, res) => {
  const answered = await answer(req, req.path)
  if (typeof answered === 'string') res.send(answered)
  else await send(res, answered)
})
app.use((error, _req, res, _next) => res.status(error.status ?? 500).send(error.message))

export const server = () => createServer(app)
