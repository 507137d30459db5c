import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** As the bench prints it. */
interface Cost {
  readonly name: string
  readonly refused: boolean
  readonly kib: number
}

/** In a process of its own: the memory of this one is everybody's. */
function measured(): { readonly costs: Cost[]; readonly control: Cost } {
  const bench = join(import.meta.dirname, 'hostile.bench.ts')
  const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64', bench, '--json']
  return JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }))
}

it('hostile pickles, JSON and sessions are all refused, and none of them takes 1 MB on the way', {
  timeout: 120_000,
}, () => {
  const { costs, control } = measured()
  expect(costs.length).toBeGreaterThan(30)
  expect(costs.filter(({ refused }) => !refused).map(({ name }) => name)).toEqual([])
  expect(costs.filter(({ kib }) => kib >= 1024)).toEqual([])
  // What is read takes more, and it shows.
  expect([control.refused, control.kib > 1024]).toEqual([false, true])
})
