// What a session costs: CPU per request above the bare framework, for Keepsake, for what people use today, and for the raw
// calls that nobody can do without. `npm run bench -- --help` has the options.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadAverage } from './machine.ts'
import {
  type Plan,
  type Result,
  type Running,
  resultsOf,
  round,
  type Subject,
  start,
  stop,
  subjectOf,
} from './measure.ts'
import { leaveServerCore, startLoad } from './processes.ts'
import { type Conditions, resultRows, steadiness, writeReport } from './report.ts'
import { type RunningServices, runnable, startServices } from './services.ts'
import { targetRows } from './targets.ts'
import { textTable } from './text-table.ts'
import { bareOf, chosen, groupsOf, routes, type Variant, variants } from './variants.ts'
import { mostConnections } from './visitors.ts'

const help = `npm run bench -- [options]
  --only redis,memory   the variants whose id holds one of these words
  --rounds 5            over how many rounds the median is taken
  --slices 8            how often each line is asked on each route in a round, in turn with the bare framework
  --seconds 0.1         for how long each time
  --payload 100         bytes of JSON in each session (100 in a store and 1024 in a cookie)
  --connections 16      how many ask at the same time: 16 at most
  --routes read         of untouched, read, write
  --profile folder      writes a CPU profile of each server there: see bench/hottest.ts
  --write               writes docs/performance.md and docs/performance.svg: of all variants and routes, and 5 rounds or more`

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
    slices: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '0.1' },
    connections: { type: 'string', default: String(mostConnections) },
    payload: { type: 'string' },
    routes: { type: 'string', default: routes.join() },
    profile: { type: 'string' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const connections = Number(options.connections)
if (!(connections >= 1 && connections <= mostConnections))
  throw new Error(`--connections ${options.connections} is not 1 to ${mostConnections}`)

if (options.help) console.log(help)
else await run(runnable(chosen(options.only.split(',').filter(Boolean))))

async function run(lines: readonly Variant[]): Promise<void> {
  if (options.write) refuseHalf(lines)
  const pinned = leaveServerCore()
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-bench-'))
  const names = new Set(lines.flatMap(({ services = [] }) => services))
  const services = await startServices(names)
  const plan = planOf(options)
  const results: Result[] = []
  try {
    for (const group of groupsOf(lines)) results.push(...(await measured(group, directory, services, plan)))
    print(results)
    if (options.write) writeReport(results, { ...conditions(), pinned, services: [...names] })
  } finally {
    await plan.load.stop()
    await services.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** All rounds over the lines of a group. */
async function measured(
  group: readonly Variant[],
  directory: string,
  services: RunningServices,
  plan: Plan,
): Promise<Result[]> {
  const [first] = group
  const [bare, ...lines] = [...new Set([...(first ? [bareOf(first)] : []), ...group])].map(subjectOf)
  if (!bare) return []
  for (let i = 0; i < rounds; i++) {
    const where = `${first?.group}, round ${i + 1} of ${rounds}`
    const told = { ...plan, progress: (text: string) => progress(`${where}: ${text}`) }
    await oneRound([bare, ...lines], i, told, subject => started(subject, directory, services, told))
  }
  return resultsOf(lines, bare).filter(({ variant }) => group.includes(variant))
}

/**
 * A round with processes of its own, since two of one program differ by more than an untouched request costs; they run for all of
 * it, since one that stood still for a minute has to begin anew: V8 gives its memory back and drops its code.
 */
async function oneRound(
  subjects: readonly Subject[],
  number: number,
  plan: Plan,
  begin: (subject: Subject) => Promise<Running>,
): Promise<void> {
  const running: Running[] = []
  try {
    for (const subject of subjects) running.push(await begin(subject))
    const [bare, ...lines] = running
    if (bare) await round(lines, bare, number, plan)
  } finally {
    await Promise.all(running.map(stop))
  }
}

/** What is published is the whole, and not a lucky part of it. */
function refuseHalf(lines: readonly Variant[]): void {
  if (
    rounds >= 5 &&
    connections === mostConnections &&
    lines.length === variants.length &&
    routes.every(route => options.routes.includes(route))
  )
    return
  throw new Error('--write takes 5 rounds or more, of all variants on all routes, over all connections')
}

function planOf({ routes: wanted, slices, seconds, profile }: typeof options): Plan {
  return {
    routes: routes.filter(route => wanted.includes(route)),
    slices: Number(slices),
    seconds: Number(seconds),
    load: startLoad(),
    connections,
    nodeOptions: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
    progress,
  }
}

function conditions(): Omit<Conditions, 'pinned' | 'services'> {
  const payloadBytes = { stored: payloadOf({}), inCookie: payloadOf({ inCookie: true }) }
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ')
  return { command, rounds, slices: Number(options.slices), seconds: Number(options.seconds), payloadBytes }
}

/** Cookie engines have to be compared at the size of a well-filled cookie; a store hardly notices. */
function payloadOf({ inCookie = false }: Pick<Variant, 'inCookie'>): number {
  return Number(options.payload ?? (inCookie ? 1024 : 100))
}

function started(subject: Subject, directory: string, { addresses }: RunningServices, plan: Plan): Promise<Running> {
  const { id, store = 'memory' } = subject.variant
  plan.progress(`${id} starts and warms up`)
  const ownDirectory = mkdtempSync(join(directory, 'server-'))
  return start(subject, { store, addresses, directory: ownDirectory, payloadBytes: payloadOf(subject.variant) }, plan)
}

function print(results: readonly Result[]): void {
  console.log(`\n${connections} connections, each with visitors who have logged in; ${loadAverage()}`)
  console.log(`${steadiness(results)}\n`)
  console.log(textTable(resultRows(results)))
  const targets = targetRows(results)
  if (targets.length > 0) console.log(`\n${textTable(targets)}`)
}

/** To a terminal, one line that changes; elsewhere, a line for each step. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else console.error(text)
}
