import { DatabaseSync } from 'node:sqlite'
import mysql from 'mysql2'
import pg from 'pg'
import { databaseStore } from '../../../src/stores/database/database-store.ts'
import type { SessionStore } from '../../../src/stores/store.ts'
import type { SqlConnectionOptions } from '../postgres.ts'

/** A store in words that can be handed to another process. */
export type StoreDescription =
  | { readonly type: 'sqlite'; readonly file: string }
  | { readonly type: 'postgres' | 'mariadb'; readonly connection: SqlConnectionOptions }

export interface OpenStore {
  readonly store: SessionStore
  close(): unknown
}

/** The store that is described, ready to be used. */
export async function openStore(description: StoreDescription): Promise<OpenStore> {
  const { handle, close } = connect(description)
  const store = databaseStore(handle)
  await store.migrate()
  return { store, close }
}

function connect(description: StoreDescription): {
  handle: Parameters<typeof databaseStore>[0]
  close: () => unknown
} {
  if (description.type === 'sqlite') {
    const handle = new DatabaseSync(description.file)
    return { handle, close: () => handle.close() }
  }
  if (description.type === 'postgres') {
    const handle = new pg.Pool(description.connection)
    return { handle, close: () => handle.end() }
  }
  const handle = mysql.createPool(description.connection)
  return { handle, close: () => handle.promise().end() }
}
