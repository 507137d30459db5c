import { join } from 'node:path'
import pg from 'pg'
import { type SqlAddress, startPostgres } from './postgres.ts'
import { findBinary, type Server, startServer } from './server.ts'

/** A PostgreSQL server with a streaming replica that is always so far behind: `delay` is what PostgreSQL calls it, such as `5s`. */
export async function startReplicatedPostgres(
  delay: string,
): Promise<{ primary: SqlAddress; replica: SqlAddress; stop(): Promise<void> }> {
  const primary = await startPostgres()
  const replica = await startReplica(primary.address, delay)
  return {
    primary: primary.address,
    replica: replica.address,
    async stop() {
      await replica.stop()
      await primary.stop()
    },
  }
}

async function startReplica({ connection }: SqlAddress, delay: string): Promise<Server & { address: SqlAddress }> {
  const { host, port: primaryPort, user, password, database } = connection
  const source = `postgres://${user}:${password}@${host}:${primaryPort}/${database}`
  const server = await startServer({
    name: 'postgres-replica',
    user: 'postgres',
    endBy: 'SIGQUIT',
    prepare({ directory }, run) {
      const copy = ['-D', join(directory, 'data'), '--checkpoint=fast', '--no-sync']
      run([findBinary('pg_basebackup') ?? 'pg_basebackup', '-d', source, '--write-recovery-conf', ...copy])
    },
    command: ({ directory, port }) => [
      findBinary('postgres') ?? 'postgres',
      ...['-D', join(directory, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', ''],
      // No fewer connections than the primary, or it does not start.
      ...['-c', `recovery_min_apply_delay=${delay}`, '-c', 'max_connections=200', '-c', 'fsync=off'],
      ...['-c', 'dynamic_shared_memory_type=mmap'],
    ],
    async answers({ port }) {
      const client = new pg.Client({ ...connection, port })
      await client.connect()
      await client.end()
    },
  })
  const { port, log } = server
  return { ...server, address: { connection: { ...connection, port }, log } }
}
