// What a session costs: CPU per request above the bare framework, for Keepsake, for what people use today, and for the raw
// calls that nobody can do without. `npm run bench -- --help` has the options.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Plan, prepare, type Result, resultOf, round, type Subject } from './measure.ts'
import { leaveServerCore, startLoad } from './processes.ts'
import { loadAverage, resultRows, writeReport } from './report.ts'
import { type RunningServices, startServices } from './services.ts'
import { targetRows } from './targets.ts'
import { textTable } from './text-table.ts'
import { chosen, routes, type Variant } from './variants.ts'
import { connections } from './visitors.ts'

const help = `npm run bench -- [options]
  --only redis,memory   the variants whose id holds one of these words
  --rounds 5            over how many rounds the median is taken
  --seconds 1           how long each route is asked in a round
  --payload 100         bytes of JSON in each session (100 in a store and 1024 in a cookie)
  --routes read         of untouched, read, write
  --profile folder      writes a CPU profile of each server there: see bench/hottest.ts
  --write               writes docs/performance.md and docs/performance.svg`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    payload: { type: 'string' },
    routes: { type: 'string', default: routes.join() },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (options.help) console.log(help)
else await run(chosen(options.only.split(',').filter(Boolean)))

async function run(variants: readonly Variant[]): Promise<void> {
  const pinned = leaveServerCore()
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-bench-'))
  const names = variants.flatMap(({ services = [] }) => services)
  const services = await startServices(names)
  const load = startLoad()
  const plan: Plan = {
    routes: routes.filter(route => options.routes.includes(route)),
    seconds: Number(options.seconds),
    load,
    nodeOptions: options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [],
    progress,
  }
  const subjects: Subject[] = []
  try {
    for (const variant of variants) subjects.push(await start(variant, directory, services, plan))
    const results = await measure(subjects, plan)
    print(results)
    if (options.write) {
      const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
      const payloadBytes = { stored: payloadOf({}), inCookie: payloadOf({ inCookie: true }) }
      const { rounds, seconds } = { rounds: Number(options.rounds), seconds: plan.seconds }
      writeReport(results, { command, rounds, seconds, pinned, payloadBytes, services: [...new Set(names)] })
    }
  } finally {
    await Promise.all([load, ...subjects.map(({ server }) => server)].map(running => running.stop()))
    await services.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Cookie engines have to be compared at the size of a well-filled cookie; a store hardly notices. */
function payloadOf({ inCookie = false }: Pick<Variant, 'inCookie'>): number {
  return Number(options.payload ?? (inCookie ? 1024 : 100))
}

async function start(
  variant: Variant,
  directory: string,
  { addresses }: RunningServices,
  plan: Plan,
): Promise<Subject> {
  const { id, store = 'memory' } = variant
  progress(`${id}: starts and warms up`)
  return prepare(variant, { store, addresses, directory, payloadBytes: payloadOf(variant) }, plan)
}

async function measure(subjects: readonly Subject[], plan: Plan): Promise<Result[]> {
  const rounds = Number(options.rounds)
  for (let i = 1; i <= rounds; i++) {
    await round(subjects, { ...plan, progress: text => progress(`round ${i} of ${rounds}: ${text}`) })
  }
  return Promise.all(subjects.map(subject => resultOf(subject, subjects)))
}

function print(results: readonly Result[]): void {
  console.log(`\n${connections} connections, each with visitors who have logged in; ${loadAverage()}\n`)
  console.log(textTable(resultRows(results)))
  const targets = targetRows(results)
  if (targets.length > 0) console.log(`\n${textTable(targets)}`)
}

/** To a terminal, one line that changes; elsewhere, a line for each step. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else console.error(text)
}
