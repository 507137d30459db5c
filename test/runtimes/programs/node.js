import { createServer } from 'node:http'
import { nodeSessions } from 'keepsake/node'
import { answer, send, sessions } from './site.js'

export const server = () =>
  createServer(nodeSessions(sessions, async (req, res) => send(res, await answer(req, req.url))))
