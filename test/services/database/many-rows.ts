import type { SqlDatabase } from './sql-database.ts'

/** Fills the table `session` by one statement. `expiresAt` is an SQL expression in which `n` is the row's number. */
export async function insertRows({ kind, query }: SqlDatabase, rows: number, expiresAt: string): Promise<void> {
  const columns = 'insert into session (id, user_id, payload, version, created_at, expires_at)'
  if (kind === 'postgres') {
    const values = `'id' || n, 'user' || n / 10, repeat('x', 200), 'v', n, ${expiresAt}`
    await query(`${columns} select ${values} from generate_series(1, ${rows}) n`)
    await query('analyze session')
  } else {
    const values = `concat('id', n), concat('user', n div 10), repeat('x', 200), 'v', n, ${expiresAt}`
    await query(`${columns} select ${values} from (select seq as n from seq_1_to_${rows}) numbers`)
    await query('analyze table session')
  }
}
