import { join } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { type SessionData, Store } from 'express-session'

/** The least that an express-session store on SQLite can be: prepared statements, and no timer. */
export class SqliteExpressStore extends Store {
  readonly #get: StatementSync
  readonly #set: StatementSync
  readonly #touch: StatementSync
  readonly #destroy: StatementSync

  constructor(directory: string) {
    super()
    const database = new DatabaseSync(join(directory, 'express.db'))
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('CREATE TABLE session (sid TEXT PRIMARY KEY, sess TEXT NOT NULL, expire INTEGER NOT NULL)')
    this.#get = database.prepare('SELECT sess FROM session WHERE sid = ? AND expire > ?')
    this.#set = database.prepare('INSERT OR REPLACE INTO session VALUES (?, ?, ?)')
    this.#touch = database.prepare('UPDATE session SET expire = ? WHERE sid = ?')
    this.#destroy = database.prepare('DELETE FROM session WHERE sid = ?')
  }

  override get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const row = this.#get.get(sid, Date.now())
    callback(null, row ? JSON.parse(String(row.sess)) : null)
  }

  override set(sid: string, session: SessionData, callback?: (error?: unknown) => void): void {
    this.#set.run(sid, JSON.stringify(session), expiryOf(session))
    callback?.()
  }

  override touch(sid: string, session: SessionData, callback?: () => void): void {
    this.#touch.run(expiryOf(session), sid)
    callback?.()
  }

  override destroy(sid: string, callback?: (error?: unknown) => void): void {
    this.#destroy.run(sid)
    callback?.()
  }
}

function expiryOf({ cookie }: SessionData): number {
  return Date.now() + (cookie.originalMaxAge ?? 0)
}
