import { createServer } from 'node:http'
import { nodeSessions } from 'keepsake/node'
import { answer, sessions } from './site.js'

export const server = () =>
  createServer(nodeSessions(sessions, async (req, res) => res.end(await answer(req, req.url))))
