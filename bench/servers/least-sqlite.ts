import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expressApp } from './express-app.ts'
import { leastRoutes } from './least.ts'
import { serve, settings } from './serve.ts'
import { nextText } from './visitor.ts'

const database = new DatabaseSync(join(settings.directory, 'least.db'))
database.exec('PRAGMA journal_mode = WAL')
database.exec('CREATE TABLE least (id text PRIMARY KEY, payload text NOT NULL)')
const insert = database.prepare('INSERT INTO least VALUES (?, ?)')
const select = database.prepare('SELECT payload FROM least WHERE id = ?')
const update = database.prepare('UPDATE least SET payload = ? WHERE id = ?')

function textOf(id: string): string {
  const row = select.get(id)
  if (row) return String(row.payload)
  insert.run(id, nextText())
  return nextText()
}

serve(
  expressApp(
    [],
    leastRoutes(textOf, (id, text) => update.run(text, id)),
  ),
)
