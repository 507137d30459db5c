import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { findBinary, type Recipe, type Server, startServer } from './server.ts'

/** How to reach a database, in the words that pg and mysql2 have for it. */
export interface SqlConnectionOptions {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export interface SqlAddress {
  readonly connection: SqlConnectionOptions
  /** The file where the server writes down the statements that it was told to, once it is asked to. */
  readonly log: string
}

/** A PostgreSQL server, with its superuser. */
export async function startPostgres(): Promise<Server & { address: SqlAddress }> {
  const account = { host: '127.0.0.1', user: 'postgres', password: randomUUID(), database: 'postgres' }
  const server = await startServer(recipe(account))
  const { port, log } = server
  return { ...server, address: { connection: { ...account, port }, log } }
}

function recipe(account: Omit<SqlConnectionOptions, 'port'>): Recipe {
  return {
    name: 'postgres',
    user: 'postgres',
    endBy: 'SIGQUIT',
    prepare({ directory }, run) {
      const passwordFile = join(directory, 'password')
      writeFileSync(passwordFile, account.password)
      const data = ['-D', join(directory, 'data'), '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8']
      const auth = ['-U', account.user, '-A', 'password', `--pwfile=${passwordFile}`]
      run([findBinary('initdb') ?? 'initdb', ...data, ...auth])
    },
    command: ({ directory, port }) => [
      findBinary('postgres') ?? 'postgres',
      ...['-D', join(directory, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', ''],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    async answers({ port }) {
      const client = new pg.Client({ ...account, port })
      await client.connect()
      await client.end()
    },
  }
}

/** No write waits for the disk: a killed process loses nothing by that, only a machine without power does. */
const settings = {
  fsync: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  dynamic_shared_memory_type: 'mmap',
}
