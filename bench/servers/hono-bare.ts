import { serveHono } from './hono-app.ts'

serveHono([], {
  login: c => c.text('in'),
  read: c => c.text('user-0'),
  write: c => c.text('1234'),
})
