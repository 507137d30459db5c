// What it costs to decide what a request has to save, and until when: a thousand times each. Run it with Node:
//   node src/session/commit-plan.bench.ts
import { sideBySide } from '../crypto/side-by-side.bench.ts'
import { type CommitFacts, type CommitPlan, commitPlan } from './commit-plan.ts'
import { cookieMaxAge, type ExpiryPolicy, expiresAt, renewalDue, type SessionTimes } from './expiry.ts'

const dayMs = 86_400_000
const policy: ExpiryPolicy = { idleMs: 14 * dayMs, absoluteMs: 30 * dayMs, persistent: true }
const now = Date.now()
const untouched = { stored: true, destroyed: false, changed: false, rotating: false } as const
const read: CommitFacts = { ...untouched, worthKeeping: true, renewalDue: false, failing: false }
const requests: readonly CommitFacts[] = [
  read,
  { ...read, changed: true },
  { ...read, renewalDue: true },
  { ...read, stored: false, worthKeeping: false },
  { ...read, rotating: true },
]
const sessions: readonly SessionTimes[] = requests.map((_, i) => ({ created: now - i * dayMs, seen: now - i * 1000 }))

/** A thousand times, since once is too little to be measured; what it gave is counted, so that V8 cannot leave it out. */
const thousandTimes = (run: (i: number) => number | CommitPlan | boolean | null): (() => number) => {
  return () => {
    let count = 0
    for (let i = 0; i < 1000; i++) if (run(i % requests.length)) count++
    return count
  }
}

const facts = (i: number): CommitFacts => requests[i] ?? read
const times = (i: number): SessionTimes => sessions[i] ?? { created: now, seen: now }

await sideBySide('a thousand requests', {
  commitPlan: thousandTimes(i => commitPlan(facts(i))),
  expiresAt: thousandTimes(i => expiresAt(times(i), policy)),
  renewalDue: thousandTimes(i => renewalDue(times(i), now + 13 * dayMs, policy, now)),
  cookieMaxAge: thousandTimes(i => cookieMaxAge(times(i), policy, now)),
})
