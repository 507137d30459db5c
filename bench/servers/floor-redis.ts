import { createClient } from 'redis'
import { expressApp } from './express-app.ts'
import { addressOf, serve } from './serve.ts'
import { nextText } from './visitor.ts'

const client = await createClient({ socket: addressOf('redis') }).connect()
await client.set('floor', nextText())

// Nothing is parsed, checked or computed: this is what the driver alone costs.
const app = expressApp([], {
  login: (_req, res) => void res.send('in'),
  async read(_req, res) {
    await client.get('floor')
    res.send('user-0')
  },
  async write(_req, res) {
    await client.get('floor')
    await client.set('floor', nextText())
    res.send('1234')
  },
})
serve(app)
