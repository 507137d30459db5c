import { type LoadProcess, type RunningServer, startServer } from './processes.ts'
import { type Fastest, type Paced, whenQuiet } from './quiet.ts'
import type { ServerSettings } from './servers/serve.ts'
import { median, rotated, spread } from './statistics.ts'
import { type Route, routes, type Variant } from './variants.ts'
import { logIn } from './visitors.ts'

/** What was measured in one round. */
interface Sample {
  /** CPU of the server's process, in microseconds per request, less the bare framework's. */
  readonly cpu: number
  readonly perSecond: number
  /** The machine was about as fast as it ever was. */
  readonly isQuiet: boolean
}

/** A variant under test. */
export interface Subject {
  readonly variant: Variant
  readonly server: RunningServer
  readonly samples: Readonly<Record<Route, Sample[]>>
  readonly fastest: Readonly<Record<Route, Fastest>>
}

/** How a bench is run. */
export interface Plan {
  readonly routes: readonly Route[]
  /** How long each line is asked on each route in a round, and as long the bare framework beside it. */
  readonly seconds: number
  readonly load: LoadProcess
  readonly nodeOptions: readonly string[]
  readonly progress: (text: string) => void
}

/** Starts a variant's server, and logs visitors in. */
export async function prepare(variant: Variant, settings: ServerSettings, plan: Plan): Promise<Subject> {
  const server = await startServer(variant.server, settings, plan.nodeOptions)
  plan.load.introduce(variant.id, await logIn(server.port, variant))
  const unknown = (): Fastest => ({ pace: undefined })
  const subject = {
    variant,
    server,
    samples: { untouched: [], read: [], write: [] },
    fastest: { untouched: unknown(), read: unknown(), write: unknown() },
  }
  await warmUp(subject, plan)
  return subject
}

/** Until its code is compiled: twice on each route, since a route may undo what V8 made of the ones before. */
async function warmUp({ variant, server }: Subject, { routes, load }: Plan): Promise<void> {
  for (const route of [...routes, ...routes]) {
    await load.open({ port: server.port, path: `/${route}`, visitors: variant.id }, compiling)
  }
}

/** For how many seconds a server is asked until V8 has compiled what a route runs. */
const compiling = 0.6

/** One round over the lines of a group, each time in another order: what comes and goes on the machine comes to each of them. */
export async function round(lines: readonly Subject[], bare: Subject, number: number, plan: Plan): Promise<void> {
  for (const route of rotated(plan.routes, number)) {
    for (const subject of rotated(lines, number)) {
      const sample = await sampleOf(subject, subject === bare ? undefined : bare, route, plan)
      subject.samples[route].push(sample)
      plan.progress(`${subject.variant.id} ${route}: ${sample.cpu.toFixed(1)} µs`)
    }
  }
}

/** What a line costs above the bare framework, as soon as the machine is quiet. */
async function sampleOf(subject: Subject, bare: Subject | undefined, route: Route, plan: Plan): Promise<Sample> {
  const measure = (): Promise<Omit<Sample, 'isQuiet'> & Paced> => measureOnce(subject, bare, route, plan)
  const { found, isQuiet } = await whenQuiet(measure, subject.fastest[route])
  return { cpu: found.cpu, perSecond: found.perSecond, isQuiet }
}

/**
 * The variant stands between two halves of the bare framework: a machine that becomes slower or faster meanwhile does so for
 * both. The bare framework is sent the very cookies of the variant, so that it parses the same header. Its slower half is the pace.
 */
async function measureOnce(
  subject: Subject,
  bare: Subject | undefined,
  route: Route,
  plan: Plan,
): Promise<Omit<Sample, 'isQuiet'> & Paced> {
  const ask = (server: RunningServer, seconds: number): Promise<Slice> =>
    slice(server, subject.variant.id, route, seconds, plan.load)
  const before = bare && (await ask(bare.server, plan.seconds / 2))
  const own = await ask(subject.server, plan.seconds)
  const after = bare && (await ask(bare.server, plan.seconds / 2))
  const perSecond = own.requests / own.seconds
  if (!before || !after) return { cpu: each(own), perSecond, pace: each(own) }
  const base = (before.cpu + after.cpu) / (before.requests + after.requests)
  return { cpu: each(own) - base, perSecond, pace: Math.max(each(before), each(after)) }
}

const each = ({ cpu, requests }: Slice): number => cpu / requests

/** What a server used in some time, in microseconds of CPU, and what it did in it. */
interface Slice {
  readonly cpu: number
  readonly requests: number
  readonly seconds: number
}

async function slice(
  server: RunningServer,
  visitors: string,
  route: Route,
  seconds: number,
  load: LoadProcess,
): Promise<Slice> {
  // It stood still while others of its group were measured: its connections are made and its memory is at hand before anything counts.
  await load.open({ port: server.port, path: `/${route}`, visitors }, seconds / 4)
  const before = await server.usage()
  const done = await load.run(seconds)
  const after = await server.usage()
  return { cpu: after.cpuMicroseconds - before.cpuMicroseconds, ...done }
}

/** What is known of one route of one variant after all rounds. */
export interface Figure {
  /** CPU in microseconds per request above the bare framework; of the bare framework itself, all of it. */
  readonly cpu: number
  readonly spread: number
  /** The same of each round. */
  readonly rounds: readonly number[]
  readonly perSecond: number
  /** In how many rounds the machine was busy, however often it was tried. */
  readonly busy: number
}

export interface Result {
  readonly variant: Variant
  readonly figures: Readonly<Record<Route, Figure>>
  readonly rssBytes: number
}

/** Medians over the rounds. */
export async function resultOf({ variant, server, samples }: Subject): Promise<Result> {
  const figures = Object.fromEntries(routes.map(route => [route, figureOf(samples[route])])) as Record<Route, Figure>
  return { variant, figures, rssBytes: (await server.usage()).rssBytes }
}

function figureOf(samples: readonly Sample[]): Figure {
  const rounds = samples.map(({ cpu }) => cpu)
  const busy = samples.filter(({ isQuiet }) => !isQuiet).length
  return { cpu: median(rounds), spread: spread(rounds), rounds, perSecond: median(samples.map(s => s.perSecond)), busy }
}
