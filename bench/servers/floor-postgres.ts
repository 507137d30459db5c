import pg from 'pg'
import { expressApp, userOf } from './express-app.ts'
import { addressOf, serve } from './serve.ts'
import { nextText } from './visitor.ts'

const pool = new pg.Pool(addressOf('postgres').connection)
await pool.query('DROP TABLE IF EXISTS floor')
await pool.query('CREATE TABLE floor (id text PRIMARY KEY, payload text NOT NULL)')
const select = { name: 'floor_select', text: 'SELECT payload FROM floor WHERE id = $1' }
const update = { name: 'floor_update', text: 'UPDATE floor SET payload = $1 WHERE id = $2' }

// Nothing is parsed, checked or computed: this is what the driver alone costs.
const app = expressApp([], {
  async login(req, res) {
    await pool.query('INSERT INTO floor VALUES ($1, $2)', [userOf(req), nextText()])
    res.cookie('floor', userOf(req)).send('in')
  },
  async read(req, res) {
    await pool.query({ ...select, values: [idOf(req.headers.cookie)] })
    res.send('user-0')
  },
  async write(req, res) {
    const id = idOf(req.headers.cookie)
    await pool.query({ ...select, values: [id] })
    await pool.query({ ...update, values: [nextText(), id] })
    res.send('1234')
  },
})
serve(app)

/** Each visitor has a row of their own: updates of one row would wait for each other. */
function idOf(cookie = ''): string {
  return cookie.slice('floor='.length)
}
