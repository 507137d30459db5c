// How the cost of a store grows with the number of its records: microseconds per call, CPU and store calls per request at 1
// thousand, 100 thousand and 1 million records, side by side; how long others wait while one user has 10,000 sessions; memory
// per session; what a sealed cookie costs by its size. `--help` has the options.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeBlock } from './docs-block.ts'
import { callsPerRequest } from './growth/calls-per-request.ts'
import { type Contender, contenders, type FillableStore } from './growth/contenders.ts'
import { cookieSizeRows } from './growth/cookie-size.ts'
import { cpuPerRequest, kindNames } from './growth/cpu-per-request.ts'
import { memoryRows } from './growth/memory-per-session.ts'
import { operations, timeOperations } from './growth/operations.ts'
import { userOfManyHead, userOfManyRows } from './growth/user-of-many.ts'
import { loadAverage, machine } from './machine.ts'
import { runnable, startServices, versionOf } from './services.ts'
import { markdownTable, type Table, textTable } from './text-table.ts'

const help = `npm run bench:growth -- [options]
  --only sqlite,memory          of sqlite, postgres, mariadb, redis, memory
  --parts records,user          of records, user, memory, cookies
  --records 1000,100000,1000000
  --rounds 5                    over how many rounds the median is taken
  --write                       writes docs/performance.md: of all that is above, and 5 rounds or more`

const everything = {
  only: 'sqlite,postgres,mariadb,redis,memory',
  parts: 'records,user,memory,cookies',
  records: '1000,100000,1000000',
}

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: everything.only },
    parts: { type: 'string', default: everything.parts },
    records: { type: 'string', default: everything.records },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const sizes = options.records.split(',').map(Number)
const parts = options.parts.split(',')
const rounds = Number(options.rounds)

if (options.help) console.log(help)
else await run(runnable(options.only.split(',').map(contenderNamed)))

function contenderNamed(name: string): Contender {
  const contender = contenders.find(({ id }) => id === name)
  if (!contender) throw new Error(`--only ${name} is none of ${contenders.map(({ id }) => id).join(', ')}`)
  return contender
}

async function run(chosen: readonly Contender[]): Promise<void> {
  if (options.write) refuseHalf(chosen)
  const tables: Table[] = []
  if (parts.includes('records') || parts.includes('user')) tables.push(...(await measureStores(chosen)))
  if (parts.includes('memory')) tables.push(memoryRows(100_000, progress))
  if (parts.includes('cookies')) tables.push(await cookieSizeRows(progress))
  for (const table of tables) console.log(`\n${textTable(table)}`)
  console.log(`\n${loadAverage()}`)
  if (options.write) writeBlock('growth', [description(chosen), ...tables.map(markdownTable)])
}

/** What is published is the whole, and not a lucky part of it. */
function refuseHalf(chosen: readonly Contender[]): void {
  const { only, parts, records } = everything
  const isWhole = options.parts === parts && options.records === records && chosen.length === only.split(',').length
  if (isWhole && rounds >= 5) return
  throw new Error('--write takes 5 rounds or more, of all parts, stores and numbers of records')
}

function description(chosen: readonly Contender[]): string {
  const services = chosen.flatMap(({ services = [] }) => services)
  const versions = [`Node ${process.versions.node}`, ...services.map(name => `${name} ${versionOf(name)}`)]
  const command = ['npm run bench:growth --', ...process.argv.slice(2)].join(' ')
  return `\`${command}\`: medians of ${rounds} rounds.\n${machine()}\nVersions: ${versions.join(', ')}.`
}

async function measureStores(chosen: readonly Contender[]): Promise<Table[]> {
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-growth-'))
  const services = await startServices(chosen.flatMap(({ services = [] }) => services))
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
  const grown = [['µs, at so many records', ...sizes.map(count), 'last / first'], ...growth]
  return [growth.length > 0 ? [grown] : [], waits.length > 0 ? [[userOfManyHead, ...waits]] : []].flat()
}

/** The rows of one store: it grows from size to size, and is measured at each. */
async function grow({ id, title }: Contender, open: FillableStore): Promise<string[][]> {
  const columns: (number | string)[][] = []
  let filled = 0
  for (const size of sizes) {
    progress(`${id}: fills up to ${count(size)} records`)
    await open.fill(filled, size)
    filled = size
    progress(`${id}: measures`)
    const cpu = await cpuPerRequest(open.store, rounds)
    const times = await timeOperations(open, size, rounds)
    columns.push([...operations.map(name => times[name]), ...cpu, await callsPerRequest(open.store)])
  }
  const names = [
    ...operations,
    ...kindNames.map(kind => `CPU of a request, ${kind}`),
    'store calls: untouched, read, write',
  ]
  return names.map((name, i) => {
    const values = columns.map(column => column[i] ?? '')
    const [first, last] = [Number(values[0]), Number(values.at(-1))]
    return [`${title}: ${name}`, ...values.map(cell), Number.isNaN(last / first) ? '' : (last / first).toFixed(1)]
  })
}

/** Of what a store cannot do, there is no time. */
function cell(value: number | string): string {
  if (typeof value === 'string') return value
  return Number.isNaN(value) ? '' : value.toFixed(1)
}

function count(size: number): string {
  return size.toLocaleString('en')
}

function progress(text: string): void {
  console.error(text)
}
