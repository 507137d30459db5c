import type { Dialect, OpenDatabase } from './dialect.ts'

/** More than the clocks of well-kept machines differ, less than any timeout. */
const toleranceMs = 60_000

/** What is wrong with this database's settings and clock, each with the fix. */
export async function databaseWarnings({ db }: OpenDatabase, dialect: Dialect): Promise<string[]> {
  const warnings = await dialect.warnings(db)
  if (!dialect.now) return warnings
  const before = Date.now()
  const { now } = await db.selectNoFrom(dialect.now.as('now')).executeTakeFirstOrThrow()
  const behind = before - Number(now)
  const ahead = Number(now) - Date.now()
  if (Math.max(behind, ahead) <= toleranceMs) return warnings
  const seconds = Math.round(Math.max(behind, ahead) / 1000)
  const text = `The database's clock is ${seconds} s ${ahead > behind ? 'ahead of' : 'behind'} this machine's. Sessions end by the clock of the machine that serves them: keep every machine's clock right, by NTP.`
  return [...warnings, text]
}
