import { randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { type Auth, type AuthOptions, createAuth, databaseUsers } from 'keepsake/auth'

/** Users, logins and remembered browsers, in the same database file as the sessions. */
export async function openAccounts(
  database: DatabaseSync,
  options: Pick<AuthOptions, 'sessions' | 'remember' | 'secure'>,
): Promise<Auth> {
  const users = databaseUsers(database)
  await users.migrate()
  return createAuth({ ...options, users, secrets: process.env.SECRET ?? secretIn(database) })
}

/** A secret of its own for each copy of the demo. A site that matters has its secret in the environment, away from its data. */
function secretIn(database: DatabaseSync): string {
  database.exec('CREATE TABLE IF NOT EXISTS demo_secret (secret TEXT NOT NULL)')
  const kept = database.prepare('SELECT secret FROM demo_secret').get()
  if (kept) return String(kept.secret)
  const secret = randomBytes(32).toString('base64url')
  database.prepare('INSERT INTO demo_secret VALUES (?)').run(secret)
  return secret
}
