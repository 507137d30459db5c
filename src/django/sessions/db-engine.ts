import type { DatabaseHandle } from '../../stores/database/open-database.ts'
import type { DjangoEngine } from './engine.ts'
import { keyedEngine } from './keyed-engine.ts'
import { type DbEngineOptions, sessionRows } from './session-rows.ts'
import { signedText } from './signed-text.ts'

/**
 * Django's engine `db`: the table `django_session` of your database, through your own handle, as `databaseStore` takes it. The
 * table is Django's to make and to sweep (`manage.py migrate`, `manage.py clearsessions`).
 *
 * @example
 * djangoSessions({ secretKey, engine: dbEngine(new Pool()) })
 */
export function dbEngine(database: DatabaseHandle, options: DbEngineOptions = {}): DjangoEngine {
  const store = sessionRows(database, options)
  return settings => ({ engine: keyedEngine(store), text: signedText(settings) })
}
