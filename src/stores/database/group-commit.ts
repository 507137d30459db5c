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
  /** Whether an error says no more than that a constraint or a trigger refuses what was written. */
  readonly isRefusal: (error: unknown) => boolean
}

/**
 * Commits together what is written in one turn of the event loop. A commit waits for the disk, and SQLite holds up the whole process
 * meanwhile: of sixteen requests at once each would wait for the commits of the others. Nobody is told of a write before the commit
 * that holds it.
 */
export function groupCommit<Result>(transactions: Transactions): (write: Write<Result>) => Promise<Result> {
  return gathered<Write<Result>, Result>(calls => {
    if (transactions.isOpen()) for (const { asked, resolve } of calls) resolve(asked.wait())
    else if (calls.length === 1) runEach(transactions, calls)
    else runTogether(transactions, calls)
  })
}

type Calls<Result> = readonly Call<Write<Result>, Result>[]

function runEach<Result>({ isRefusal }: Transactions, calls: Calls<Result>): void {
  for (const { asked, resolve, reject } of calls) {
    try {
      resolve(asked.run())
    } catch (error) {
      // Another process's lock, say, which each of the others would wait for in turn: it is their answer too.
      if (!isRefusal(error)) throw error
      reject(error)
    }
  }
}

function runTogether<Result>(transactions: Transactions, calls: Calls<Result>): void {
  try {
    for (const settle of inOneTransaction(transactions, calls)) settle()
  } catch (error) {
    // A deferred constraint of one session, or a trigger, undoes what all have written: the others are not to suffer for it.
    if (!transactions.isRefusal(error)) throw error
    runEach(transactions, calls)
  }
}

/** What becomes of each write, to be told once all is committed. A duplicate undoes only its own statement. */
function inOneTransaction<Result>(
  { isOpen, begin, commit, rollback }: Transactions,
  calls: Calls<Result>,
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
