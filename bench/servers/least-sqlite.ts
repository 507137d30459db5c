import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expressApp } from './express-app.ts'
import { idOf, type LeastVisitor } from './least.ts'
import { serve, settings } from './serve.ts'
import { nextText } from './visitor.ts'

const database = new DatabaseSync(join(settings.directory, 'least.db'))
database.exec('PRAGMA journal_mode = WAL')
database.exec('CREATE TABLE least (id text PRIMARY KEY, payload text NOT NULL)')
const insert = database.prepare('INSERT INTO least VALUES (?, ?)')
const select = database.prepare('SELECT payload FROM least WHERE id = ?')
const update = database.prepare('UPDATE least SET payload = ? WHERE id = ?')

/** A promise, since a session that may be anywhere is one. */
async function load(id: string): Promise<LeastVisitor> {
  const row = select.get(id)
  if (!row) insert.run(id, nextText())
  return JSON.parse(row ? String(row.payload) : nextText())
}

// The raw calls, the hash of the token and the text of the record. Nothing is checked, compared, or held back until it is saved.
const app = expressApp([], {
  login: (_req, res) => void res.send('in'),
  async read(req, res) {
    const session = await load(idOf(req.headers.cookie))
    res.send(session.user)
  },
  async write(req, res) {
    const id = idOf(req.headers.cookie)
    const session = await load(id)
    session.visits++
    update.run(JSON.stringify(session), id)
    res.send(String(session.visits))
  },
})
serve(app)
