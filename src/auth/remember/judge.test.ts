import { describe, expect, it } from 'vitest'
import type { Family } from './family.ts'
import { type Judgement, judge } from './judge.ts'

const second = 1000
const minute = 60 * second
const day = 86_400 * second
const policy = { graceMs: 30 * second, rotateAfterMs: minute, idleMs: 30 * day, absoluteMs: 90 * day }

const begun: Family = {
  ...{ userId: 'ada', authenticatedAt: 0, since: 0, how: 'password', authHash: 'a' },
  ...{ createdAt: 0, seenAt: 0, issuedAt: 0 },
  ...{ current: ['v0'], used: true, previous: null, stolen: false, markKey: '' },
}

function present(family: Family, hash: string, now: number, fresh = 'fresh'): Judgement {
  return judge(family, { hash, fresh, now, genuine: hash !== 'guessed' }, policy)
}

/** The family after these were presented, each with what is issued if something is, and when. */
function family(...steps: readonly (readonly [hash: string, fresh: string, now: number])[]): Family {
  let at = begun
  for (const [hash, fresh, now] of steps) {
    const judgement = present(at, hash, now, fresh)
    if (judgement.outcome === 'restored' && judgement.next) at = judgement.next
  }
  return at
}

/** A visitor who comes every day, from `first` on, and gets `v1`, `v2` and so on. */
function everyDay(times: number, first = 1): (readonly [hash: string, fresh: string, now: number])[] {
  return Array.from({ length: times }, (_, i) => [`v${i}`, `v${i + 1}`, (first + i) * day] as const)
}

const unknown = { outcome: 'unknown' }
const leftAlone = { outcome: 'restored', next: null, issued: false }
const theft = { outcome: 'theft', next: { stolen: true } }

describe('a browser that comes back', () => {
  it('gets a new cookie if its own is older than a minute, and the old one becomes the previous', () => {
    expect(present(begun, 'v0', minute)).toMatchObject({
      outcome: 'restored',
      issued: true,
      next: { current: ['fresh'], previous: 'v0', used: false, seenAt: minute, issuedAt: minute },
    })
  })

  it('keeps a cookie that is younger, and nothing is written', () => {
    expect(present(begun, 'v0', minute - 1)).toEqual(leftAlone)
  })

  it('keeps its cookie with the old one in a second tab, within the grace, used or not', () => {
    const rotated = family(['v0', 'v1', day])
    expect(present(rotated, 'v0', day + 30 * second - 1)).toEqual(leftAlone)
    const used = family(['v0', 'v1', day], ['v1', '-', day + second])
    expect(used).toMatchObject({ used: true, current: ['v1'], previous: 'v0' })
    expect(present(used, 'v0', day + 30 * second - 1)).toEqual(leftAlone)
  })

  it('gets another one if the answer with the new one was lost, however late it comes back', () => {
    const rotated = family(['v0', 'v1', day])
    expect(present(rotated, 'v0', 20 * day)).toMatchObject({
      outcome: 'restored',
      issued: true,
      next: { current: ['fresh', 'v1'], previous: 'v0', used: false },
    })
  })

  it('may go on with either, if the lost answer was only slow; the other one is then void', () => {
    const twice = family(['v0', 'v1', day], ['v0', 'v2', day + 31 * second])
    const chosen = present(twice, 'v1', day + 40 * second)
    expect(chosen).toMatchObject({ outcome: 'restored', issued: false, next: { current: ['v1'], used: true } })
    expect(present(family(['v0', 'v1', day], ['v0', 'v2', 2 * day]), 'v2', 3 * day)).toMatchObject({
      next: { current: ['fresh'], previous: 'v2' },
    })
  })

  it('may lose answer after answer: the newest three work', () => {
    const lost = family(['v0', 'v1', day], ['v0', 'v2', 2 * day], ['v0', 'v3', 3 * day], ['v0', 'v4', 4 * day])
    expect(lost).toMatchObject({ current: ['v4', 'v3', 'v2'], previous: 'v0' })
  })

  it('is not taken for a thief by a clock that goes back', () => {
    expect(present(family(['v0', 'v1', day], ['v1', '-', day + 1]), 'v0', day - minute)).toEqual(leftAlone)
  })
})

describe('theft', () => {
  it('is noticed when the previous cookie comes after the grace, and the new one was used', () => {
    const used = family(['v0', 'v1', day], ['v1', '-', day + second])
    expect(present(used, 'v0', day + 30 * second)).toMatchObject(theft)
  })

  it('is noticed when a former cookie comes, however often the thief, or the visitor, has come since', () => {
    const long = family(...everyDay(80))
    for (const hash of ['v0', 'v40', 'v78']) expect(present(long, hash, 80 * day + second)).toMatchObject(theft)
  })

  it('is noticed although the thief pushes out what the visitor got', () => {
    const pushed = family(
      ['v0', 'visitor', day],
      ...everyDay(5, 2).map(([, fresh, now]) => ['v0', fresh, now] as const),
    )
    expect(pushed.current).not.toContain('visitor')
    expect(present(pushed, 'visitor', 8 * day)).toMatchObject(theft)
  })

  it('is noticed although the thief threw away what he got', () => {
    const thiefFirst = family(['v0', 'thrown away', day], ['v0', 'v2', 2 * day], ['v2', 'v3', 3 * day])
    expect(present(thiefFirst, 'v0', 4 * day)).toMatchObject(theft)
  })

  it('ends the family for whoever knows any of its cookies, and each of them is told', () => {
    const stolen = { ...family(['v0', 'v1', day], ['v1', 'v2', 2 * day]), stolen: true }
    for (const hash of ['v2', 'v1', 'v0']) {
      expect(present(stolen, hash, 3 * day)).toEqual({ outcome: 'theft', next: null })
    }
    expect(present(stolen, 'guessed', 3 * day)).toEqual(unknown)
  })
})

describe('nobody', () => {
  it('is who presents what was never issued: no alarm, nothing written', () => {
    expect(present(begun, 'guessed', day)).toEqual(unknown)
    expect(present(family(...everyDay(6)), 'guessed', 7 * day)).toEqual(unknown)
  })

  it('is who comes back after 30 days without use', () => {
    expect(present(begun, 'v0', 30 * day)).toEqual(unknown)
    expect(present(begun, 'v0', 30 * day - 1)).toMatchObject({ outcome: 'restored' })
  })

  it('is everyone after 90 days, however often they came (R9)', () => {
    const faithful = family(...everyDay(89))
    expect(present(faithful, 'v89', 90 * day - 1)).toMatchObject({ outcome: 'restored' })
    expect(present(faithful, 'v89', 90 * day)).toEqual(unknown)
  })
})
