import { expressApp } from './express-app.ts'
import { serve } from './serve.ts'

/** Computes for five microseconds. To be called as middleware, and the last turn of the loop, are some tenths of one more. */
const middleware = (_req: unknown, _res: unknown, next: () => void): void => {
  const end = performance.now() + 0.005
  let now = performance.now()
  while (now < end) now = performance.now()
  next()
}

const app = expressApp([middleware], {
  login: (_req, res) => void res.send('in'),
  read: (_req, res) => void res.send('user-0'),
  write: (_req, res) => void res.send('1234'),
})
serve(app)
