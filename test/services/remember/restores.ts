import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRemember } from '../../../src/auth/remember/remember.ts'
import { fakeClock } from '../../../src/testing/fake-clock.ts'
import type { RestoringOrder, RestoringReport } from '../workers/restoring.ts'
import { openStore, type StoreDescription } from '../workers/store-description.ts'

const processes = 4
const restores = 52
const login = { userId: 'ada', authenticatedAt: 0, since: 0, how: 'password', authHash: 'a' }

/** What every store has to keep: the parallel restores of one browser are one rotation (R1), and a copy is found (R3). */
export function remembersAcrossProcesses(description: StoreDescription): void {
  it(`${restores} parallel restores from ${processes} processes: all logged in, one new cookie, no alarm; then a copy is found`, async () => {
    const { store, close } = await openStore(description)
    const clock = fakeClock(new Date())
    const remember = createRemember({ store, now: clock })
    const { cookie } = await remember.begin(login)
    const children = Array.from({ length: processes }, () => start(description))
    try {
      await Promise.all(children.map(answerOf))
      let value = cookie.value
      for (let day = 0; day < 5; day++) {
        clock.advance('1d')
        const report = await restoreTogether(children, { value, times: restores / processes, now: clock() })
        expect(new Set(report.map(({ outcome }) => outcome))).toEqual(new Set(['restored']))
        const sent = report.flatMap(({ value }) => value ?? [])
        expect(sent).toHaveLength(1)
        value = sent[0] ?? ''
      }
      clock.advance('1d')
      expect(await remember.restore(value)).toMatchObject({ outcome: 'restored' })
      const stolen = await restoreTogether(children, { value: cookie.value, times: 5, now: clock() })
      expect(new Set(stolen.map(({ outcome }) => outcome))).toEqual(new Set(['theft']))
      expect(await remember.restore(value)).toMatchObject({ outcome: 'theft', first: false })
    } finally {
      for (const child of children) child.disconnect()
      await Promise.all(children.map(child => child.exitCode ?? once(child, 'exit')))
      await close()
    }
  })
}

function start(description: StoreDescription): ChildProcess {
  const script = join(import.meta.dirname, '../workers/restoring.ts')
  return fork(script, [JSON.stringify(description)], { execArgv: [] })
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`the process ended with ${code}`)
  })
  failed.catch(() => undefined)
  const [message] = await Promise.race([once(child, 'message'), failed])
  return message
}

async function restoreTogether(children: readonly ChildProcess[], order: RestoringOrder): Promise<RestoringReport> {
  const reports = children.map(child => {
    child.send(order)
    return answerOf(child) as Promise<RestoringReport>
  })
  return (await Promise.all(reports)).flat()
}
