import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expressApp } from './express-app.ts'
import { serve, settings } from './serve.ts'
import { nextText } from './visitor.ts'

const database = new DatabaseSync(join(settings.directory, 'floor.db'))
database.exec('PRAGMA journal_mode = WAL')
database.exec('CREATE TABLE floor (id text PRIMARY KEY, payload text NOT NULL)')
database.prepare('INSERT INTO floor VALUES (?, ?)').run('user-0', nextText())
const select = database.prepare('SELECT payload FROM floor WHERE id = ?')
const update = database.prepare('UPDATE floor SET payload = ? WHERE id = ?')

// Nothing is parsed, checked or computed: this is what the driver alone costs.
const app = expressApp([], {
  login: (_req, res) => void res.send('in'),
  read(_req, res) {
    select.get('user-0')
    res.send('user-0')
  },
  write(_req, res) {
    select.get('user-0')
    update.run(nextText(), 'user-0')
    res.send('1234')
  },
})
serve(app)
