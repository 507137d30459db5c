import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import type { SqlAddress, SqlConnectionOptions } from './postgres.ts'
import { findBinary, type Place, type Recipe, type Server, startServer } from './server.ts'

/** A MariaDB server, with a user who may do everything. */
export async function startMariadb(): Promise<Server & { address: SqlAddress }> {
  const account = { host: '127.0.0.1', user: 'keepsake', password: randomUUID(), database: 'keepsake' }
  const server = await startServer(recipe(account))
  const { port } = server
  return { ...server, address: { connection: { ...account, port }, log: generalLog(server) } }
}

const generalLog = ({ directory }: Pick<Place, 'directory'>): string => join(directory, 'general.log')

function recipe(account: Omit<SqlConnectionOptions, 'port'>): Recipe {
  return {
    name: 'mariadb',
    user: 'mysql',
    endBy: 'SIGKILL',
    prepare({ directory }, run) {
      writeFileSync(join(directory, 'init.sql'), initialStatements(account))
      const data = [`--datadir=${join(directory, 'data')}`, '--skip-test-db', '--innodb-flush-method=nosync']
      run([findBinary('mariadb-install-db') ?? 'mariadb-install-db', '--no-defaults', ...data])
    },
    command: place => [
      findBinary('mariadbd') ?? 'mariadbd',
      '--no-defaults',
      `--datadir=${join(place.directory, 'data')}`,
      `--init-file=${join(place.directory, 'init.sql')}`,
      `--socket=${join(place.directory, 'socket')}`,
      `--general-log-file=${generalLog(place)}`,
      ...[`--port=${place.port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'],
      // No write waits for the disk: a killed process loses nothing by that, only a machine without power does.
      ...['--innodb-flush-method=nosync', '--innodb-buffer-pool-size=64M', '--max-connections=200'],
    ],
    async answers({ port }) {
      const connection = await mysql.createConnection({ ...account, port })
      await connection.end()
    },
  }
}

function initialStatements({ user, password, database }: Omit<SqlConnectionOptions, 'port'>): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${database};`,
    `CREATE USER IF NOT EXISTS '${user}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO '${user}'@'127.0.0.1';\n`,
  ].join('\n')
}
