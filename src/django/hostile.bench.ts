// What a hostile session costs before it is refused: CPU time in ms and memory in KiB, by kind the worst. With `--json`, as JSON.
// npx node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 src/django/hostile.bench.ts
import { hostileInputs, type Reading } from './hostile-inputs.bench.ts'
import { readPythonJson } from './python-json-read.ts'

/** What reading one kind of input took. */
interface Cost {
  readonly name: string
  readonly refused: boolean
  readonly ms: number
  readonly kib: number
}

/** Beyond this, a collection may come while a reading is measured. */
const room = 2 ** 25
let live = 0

/** What was made between two collections, so that garbage counts too. */
function kibOf(read: Reading): number {
  const before = inUse()
  read()
  const after = process.memoryUsage()
  return (after.heapUsed + after.external - before) / 1024
}

/** What memory is in use before a reading, with room for it: a collection meanwhile would hide what was made. */
function inUse(): number {
  const { heapUsed, external } = process.memoryUsage()
  if (heapUsed + external - live < room) return heapUsed + external
  globalThis.gc?.()
  const after = process.memoryUsage()
  live = after.heapUsed + after.external
  return live
}

function msOf(read: Reading): number {
  const before = process.cpuUsage()
  read()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function isRefused(read: Reading): boolean {
  const result = read()
  return result === undefined || (result as { ok?: boolean }).ok === false
}

/**
 * Of the inputs of a kind the worst; of an input's times the best, which is the least disturbed, and of its sizes the median: what V8
 * compiles meanwhile adds to one.
 */
function costOf(name: string, inputs: readonly Reading[]): Cost {
  const costs = inputs.map(read => {
    const times = Array.from({ length: 5 }, () => msOf(read))
    const sizes = Array.from({ length: inputs.length > 9 ? 1 : 5 }, () => kibOf(read))
    return { ms: Math.min(...times), kib: sizes.sort((a, b) => a - b)[sizes.length >> 1] ?? Number.NaN }
  })
  const worst = (of: 'ms' | 'kib'): number => Math.max(...costs.map(cost => cost[of]))
  return { name, refused: inputs.every(isRefused), ms: worst('ms'), kib: worst('kib') }
}

const good = `[${'{},'.repeat(16_000)}0]`
// As in a server that has run for a while.
for (const read of Object.values(hostileInputs).flat()) read()
const costs = Object.entries(hostileInputs).map(([name, inputs]) => costOf(name, inputs))
const control = costOf('for comparison: 16,000 dicts, which are read', [() => readPythonJson(good)])

if (process.argv.includes('--json')) console.log(JSON.stringify({ costs, control }))
else {
  console.log(`${' '.repeat(52)}${'CPU'.padStart(9)}${'memory'.padStart(14)}`)
  for (const { name, ms, kib } of [...costs, control]) {
    console.log(`${name.padEnd(48)}${ms.toFixed(2).padStart(10)} ms${kib.toFixed(0).padStart(10)} KiB`)
  }
}
