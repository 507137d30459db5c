import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { CountingOrder, CountingReport } from './workers/counter.ts'
import type { StoreDescription } from './workers/store-description.ts'

/**
 * Has several processes count in the session of one visitor at the same time, and tells how many requests were answered with
 * which status.
 */
export async function countTogether(
  description: StoreDescription,
  { cookie, increments, processes, parallel }: CountingOrder & { processes: number },
): Promise<CountingReport> {
  const children = Array.from({ length: processes }, () => start(description))
  try {
    // All begin together, when the last one is ready.
    await Promise.all(children.map(child => answerOf(child)))
    const order = { cookie, parallel, increments: increments / processes } satisfies CountingOrder
    const reports = children.map(child => {
      child.send(order)
      return answerOf(child) as Promise<CountingReport>
    })
    return sum(await Promise.all(reports))
  } finally {
    for (const child of children) child.kill()
  }
}

function start(description: StoreDescription): ChildProcess {
  // None of the test runner's own flags: a worker is a plain program.
  return fork(join(import.meta.dirname, 'workers/counter.ts'), [JSON.stringify(description)], {
    execArgv: [],
  })
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${code}`)
  })
  failed.catch(() => undefined)
  const [message] = await Promise.race([once(child, 'message'), failed])
  return message
}

function sum(reports: readonly CountingReport[]): CountingReport {
  const total: CountingReport = {}
  for (const report of reports) {
    for (const [status, count] of Object.entries(report)) {
      total[Number(status)] = (total[Number(status)] ?? 0) + count
    }
  }
  return total
}
