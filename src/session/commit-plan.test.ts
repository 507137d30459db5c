import { describe, expect, it } from 'vitest'
import { type CommitFacts, type CommitPlan, commitPlan } from './commit-plan.ts'

const idle: CommitFacts = {
  stored: false,
  destroyed: false,
  changed: false,
  rotating: false,
  worthKeeping: false,
  renewalDue: false,
  failing: false,
}
const visitor = { ...idle }
const known = { ...idle, stored: true, worthKeeping: true }

/** Every way in which a request can end. */
const table: [what: string, facts: CommitFacts, plan: CommitPlan][] = [
  ['a visitor without a session only reads', visitor, 'nothing'],
  ['a visitor sets something', { ...visitor, changed: true, worthKeeping: true }, 'create'],
  ['a visitor sets something and removes it again', { ...visitor, changed: true }, 'nothing'],
  ['a visitor rotates, with nothing to keep', { ...visitor, rotating: true }, 'nothing'],
  ['a visitor logs in', { ...visitor, rotating: true, changed: true, worthKeeping: true }, 'create'],
  [
    'a visitor sets something, and the answer fails',
    { ...visitor, changed: true, worthKeeping: true, failing: true },
    'nothing',
  ],

  ['a known session is only read', known, 'nothing'],
  ['a known session is read after a tenth of the idle timeout', { ...known, renewalDue: true }, 'renew'],
  ['a known session changes', { ...known, changed: true }, 'replace'],
  [
    'a known session changes when renewal is due: one write does both',
    { ...known, changed: true, renewalDue: true },
    'replace',
  ],
  ['a known session is emptied: the visitor keeps it', { ...known, changed: true, worthKeeping: false }, 'replace'],
  ['a known session gets a new token', { ...known, rotating: true }, 'rotate'],
  [
    'a known session gets a new token and changes: one write does both',
    { ...known, rotating: true, changed: true },
    'rotate',
  ],
  ['a known session changes, and the answer fails', { ...known, changed: true, failing: true }, 'nothing'],
  ['a known session gets a new token, and the answer fails', { ...known, rotating: true, failing: true }, 'nothing'],
  ['renewal is due, and the answer fails', { ...known, renewalDue: true, failing: true }, 'nothing'],

  ['a session is destroyed', { ...visitor, destroyed: true }, 'destroy'],
  [
    'a session is destroyed, and the answer fails: logout holds',
    { ...visitor, destroyed: true, failing: true },
    'destroy',
  ],
  [
    'a session is destroyed and another begun: first the end',
    { ...visitor, destroyed: true, changed: true, worthKeeping: true },
    'destroy',
  ],
]

describe('the commit plan', () => {
  it.each(table)('%s', (_, facts, plan) => {
    expect(commitPlan(facts)).toBe(plan)
  })

  it('gives a plan for every combination of facts, and saves nothing of an answer that fails', () => {
    const names = Object.keys(idle) as (keyof CommitFacts)[]
    for (let bits = 0; bits < 2 ** names.length; bits++) {
      const facts = Object.fromEntries(
        names.map((name, i) => [name, Boolean(bits & (1 << i))]),
      ) as unknown as CommitFacts
      const plan = commitPlan(facts)
      if (facts.failing) expect(['nothing', 'destroy']).toContain(plan)
      if (facts.destroyed) expect(plan).toBe('destroy')
      if (!facts.stored) expect(['nothing', 'create', 'destroy']).toContain(plan)
      if (facts.stored) expect(plan).not.toBe('create')
    }
  })
})
