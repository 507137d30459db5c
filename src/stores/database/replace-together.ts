import type { Awaitable } from '../../waiting/awaitable.ts'
import { type Call, gathered, isLargeText } from '../gathered.ts'
import type { DatabaseErrors, DriverError } from './dialect.ts'

/** A row that is to take the place of one, with the id and the version of that. */
export type Replacement = Readonly<Record<string, unknown>>

/** The ways to replace rows under their ids. */
export interface Replacing {
  readonly one: (row: Replacement) => Promise<boolean>
  /** Gets the rows as JSON, and answers with the versions of those that it wrote. It is tried once. */
  readonly many: (rows: {
    readonly rows: string
  }) => Awaitable<{ readonly rows: readonly { readonly version: string }[] }>
}

/**
 * Replaces by one statement what is to be replaced in one turn of the event loop. Whether a row was: false for one that has changed, or
 * that somebody else is changing.
 */
export function replaceTogether(
  { one, many }: Replacing,
  errors: DatabaseErrors,
): (row: Replacement) => Promise<boolean> {
  let together = true
  const replaceEach = (calls: readonly Call<Replacement, boolean>[]): void => {
    for (const { asked, resolve } of calls) resolve(one(asked))
  }
  const replace = async (calls: readonly Call<Replacement, boolean>[]): Promise<void> => {
    const all = together ? firstOfEach(calls) : calls
    if (!together || all.length === 1) return replaceEach(all)
    try {
      const { rows } = await many({ rows: JSON.stringify(all.map(({ asked }) => asked)) })
      const written = new Set<unknown>(rows.map(({ version }) => version))
      for (const { asked, resolve } of all) resolve(written.has(asked.version))
    } catch (thrown) {
      const error = thrown as DriverError
      // It waits for no row, so it was for what a trigger of the program's own locks, and will be again.
      if (errors.isDeadlock?.(error)) together = false
      // Nothing was written, and it is not known because of which row: the others are not to suffer for that, nor for its tries.
      if (!errors.isRefused?.(error) && !errors.isRetryable(error)) throw error
      replaceEach(all)
    }
  }
  return gathered(replace, ({ payload }) => isLargeText(String(payload)))
}

/** Of several that would replace the same version of a row, the first does; the others find it changed. */
function firstOfEach(calls: readonly Call<Replacement, boolean>[]): Call<Replacement, boolean>[] {
  const seen = new Set<string>()
  return calls.filter(({ asked: { wasId, wasVersion }, resolve }) => {
    const was = `${wasId} ${wasVersion}`
    if (seen.has(was)) resolve(false)
    return !seen.has(was) && seen.add(was)
  })
}
