import { describe, expect, it } from 'vitest'
import { type Fastest, whenQuiet } from './quiet.ts'

/** Measures at these paces, one after the other. What it finds is named after its place. */
function measuredAt(...paces: number[]) {
  let tries = 0
  const measure = async () => ({ pace: paces[tries] ?? Number.NaN, name: ++tries })
  return { measure, tries: () => tries }
}

const knowing = (pace: number | undefined): Fastest => ({ pace })

describe('a measurement waits for a quiet machine', () => {
  it('counts at once if the bare framework is about as fast as it ever was', async () => {
    const { measure, tries } = measuredAt(32)
    expect(await whenQuiet(measure, knowing(30))).toMatchObject({ found: { name: 1 }, isQuiet: true })
    expect(tries()).toBe(1)
  })

  it('is made again while the bare framework is slower', async () => {
    const { measure, tries } = measuredAt(45, 40, 31)
    expect(await whenQuiet(measure, knowing(30))).toMatchObject({ found: { name: 3 }, isQuiet: true })
    expect(tries()).toBe(3)
  })

  it('counts where the pace was best, and says so, if the machine stays busy', async () => {
    const { measure, tries } = measuredAt(45, 40, 41, 50)
    expect(await whenQuiet(measure, knowing(30))).toMatchObject({ found: { name: 2 }, isQuiet: false })
    expect(tries()).toBe(4)
  })

  it('takes all tries the first time, when nobody knows what is fast', async () => {
    const fastest = knowing(undefined)
    const { measure } = measuredAt(45, 30, 44, 31)
    expect(await whenQuiet(measure, fastest)).toMatchObject({ found: { name: 2 }, isQuiet: true })
    expect(fastest.pace).toBe(30)
  })
})
