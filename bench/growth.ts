// How the cost of a store grows with the number of its records: microseconds per call at 1 thousand, 100 thousand and 1 million
// records, side by side, and store calls per request; how long others wait while one user has 10,000 sessions; memory per session;
// what a sealed cookie costs by its size. `--help` has the options.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { callsPerRequest } from './growth/calls-per-request.ts'
import { type Contender, contenders } from './growth/contenders.ts'
import { cookieSizeRows } from './growth/cookie-size.ts'
import { memoryRows } from './growth/memory-per-session.ts'
import { operations, timeOperations } from './growth/operations.ts'
import { userOfManyHead, userOfManyRows } from './growth/user-of-many.ts'
import { loadAverage } from './machine.ts'
import { startServices } from './services.ts'
import { textTable } from './text-table.ts'

const help = `npm run bench:growth -- [options]
  --only sqlite,memory          of sqlite, postgres, mariadb, redis, memory
  --parts records,user          of records, user, memory, cookies
  --records 1000,100000,1000000
  --rounds 7                    over how many rounds the median is taken`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'sqlite,postgres,mariadb,redis,memory' },
    parts: { type: 'string', default: 'records,user,memory,cookies' },
    records: { type: 'string', default: '1000,100000,1000000' },
    rounds: { type: 'string', default: '7' },
    help: { type: 'boolean', default: false },
  },
})
const sizes = options.records.split(',').map(Number)
const parts = options.parts.split(',')

if (options.help) console.log(help)
else await run(options.only.split(',').map(contenderNamed))

function contenderNamed(name: string): Contender {
  const contender = contenders.find(({ id }) => id === name)
  if (!contender) throw new Error(`--only ${name} is none of ${contenders.map(({ id }) => id).join(', ')}`)
  return contender
}

async function run(chosen: readonly Contender[]): Promise<void> {
  if (parts.includes('records') || parts.includes('user')) await measureStores(chosen)
  if (parts.includes('memory')) print(memoryRows(100_000, progress))
  if (parts.includes('cookies')) print(await cookieSizeRows(progress))
}

async function measureStores(chosen: readonly Contender[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-growth-'))
  const services = await startServices(chosen.flatMap(({ service }) => service ?? []))
  const [growth, waits]: [string[][], string[][]] = [[], []]
  try {
    for (const contender of chosen) {
      const open = await contender.open({ directory, addresses: services.addresses })
      if (parts.includes('records')) growth.push(...(await grow(contender, open)))
      progress(`${contender.id}: one user has many sessions`)
      if (parts.includes('user')) waits.push(...(await userOfManyRows(contender.title, open.store)))
      await open.close()
    }
  } finally {
    await services.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  if (growth.length > 0) print([['µs per call, records', ...sizes.map(count), 'last / first'], ...growth])
  if (waits.length > 0) print([userOfManyHead, ...waits])
}

/** The rows of one store: it grows from size to size, and is measured at each. */
async function grow({ id, title }: Contender, open: Awaited<ReturnType<Contender['open']>>): Promise<string[][]> {
  const columns: (number | string)[][] = []
  let filled = 0
  for (const size of sizes) {
    progress(`${id}: fills up to ${count(size)} records`)
    await open.fill(filled, size)
    filled = size
    progress(`${id}: measures`)
    const times = await timeOperations(open, size, Number(options.rounds))
    columns.push([...operations.map(name => times[name]), await callsPerRequest(open.store)])
  }
  return [...operations, 'store calls: untouched, read, write'].map((operation, i) => {
    const values = columns.map(column => column[i] ?? '')
    const [first, last] = [Number(values[0]), Number(values.at(-1))]
    const cells = values.map(cell)
    return [`${title}: ${operation}`, ...cells, Number.isNaN(last / first) ? '' : (last / first).toFixed(1)]
  })
}

/** Of what a store cannot do, there is no time. */
function cell(value: number | string): string {
  if (typeof value === 'string') return value
  return Number.isNaN(value) ? '' : value.toFixed(1)
}

function print(rows: readonly (readonly string[])[]): void {
  console.log(`\n${textTable(rows)}\n${loadAverage()}`)
}

function count(size: number): string {
  return size.toLocaleString('en')
}

function progress(text: string): void {
  console.error(text)
}
