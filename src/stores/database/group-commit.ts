import { type Call, gathered } from '../gathered.ts'

/** A statement that writes, with its parameters. */
export interface Write<Result> {
  /** Runs it on the handle, at once. */
  readonly run: () => Result
  /** Runs it after the transaction that somebody else has begun on the handle. */
  readonly wait: () => Promise<Result>
}

/** A handle, as far as its transactions go. */
export interface Transactions {
  readonly isOpen: () => boolean
  readonly begin: () => void
  readonly commit: () => void
  readonly rollback: () => void
}

/**
 * Commits together what is written in one turn of the event loop. A commit waits for the disk, and SQLite holds up the whole process
 * meanwhile: of sixteen requests at once each would wait for the commits of the others. Nobody is told of a write before the commit
 * that holds it.
 */
export function groupCommit<Result>(transactions: Transactions): (write: Write<Result>) => Promise<Result> {
  return gathered<Write<Result>, Result>(calls => {
    const [call, ...others] = calls
    if (transactions.isOpen()) for (const { asked, resolve } of calls) resolve(asked.wait())
    else if (call && others.length === 0) call.resolve(call.asked.run())
    else for (const settle of inOneTransaction(transactions, calls)) settle()
  })
}

/** What becomes of each write, to be told once all is committed. A duplicate undoes only its own statement. */
function inOneTransaction<Result>(
  { isOpen, begin, commit, rollback }: Transactions,
  calls: readonly Call<Write<Result>, Result>[],
): (() => void)[] {
  begin()
  try {
    const outcomes = calls.map(({ asked, resolve, reject }) => {
      try {
        const result = asked.run()
        return () => resolve(result)
      } catch (error) {
        // Errors such as a full disk undo the whole transaction: https://sqlite.org/lang_transaction.html
        if (!isOpen()) throw error
        return () => reject(error)
      }
    })
    commit()
    return outcomes
  } catch (error) {
    if (isOpen()) rollback()
    throw error
  }
}
