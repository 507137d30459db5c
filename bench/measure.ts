import { type LoadProcess, type RunningServer, startServer } from './processes.ts'
import type { ServerSettings } from './servers/serve.ts'
import { median, spread } from './statistics.ts'
import type { Route, Variant } from './variants.ts'
import { connections, logIn } from './visitors.ts'

/** What was measured in one round. */
interface Sample {
  /** CPU of the server's process, in microseconds per request. */
  readonly cpu: number
  readonly perSecond: number
}

/** A variant under test. */
export interface Subject {
  readonly variant: Variant
  readonly server: RunningServer
  readonly cookies: readonly string[]
  readonly samples: Readonly<Record<Route, Sample[]>>
}

/** How a bench is run. */
export interface Plan {
  readonly routes: readonly Route[]
  readonly seconds: number
  readonly load: LoadProcess
  readonly nodeOptions: readonly string[]
  readonly progress: (text: string) => void
}

/** Starts a variant's server, logs visitors in, and lets it run until its code is compiled. */
export async function prepare(variant: Variant, settings: ServerSettings, plan: Plan): Promise<Subject> {
  const server = await startServer(variant.server, settings, plan.nodeOptions)
  const cookies = await logIn(server.port, variant)
  const subject = { variant, server, cookies, samples: { untouched: [], read: [], write: [] } }
  for (const route of plan.routes) await sampleOf(subject, route, { ...plan, seconds: 1 })
  return subject
}

/** One round over all variants: what comes and goes on the machine comes to each of them. */
export async function round(subjects: readonly Subject[], plan: Plan): Promise<void> {
  for (const route of plan.routes) {
    for (const subject of subjects) {
      const sample = await sampleOf(subject, route, plan)
      subject.samples[route].push(sample)
      plan.progress(`${subject.variant.id} ${route}: ${sample.cpu.toFixed(1)} µs`)
    }
  }
}

async function sampleOf(
  { server, cookies }: Pick<Subject, 'server' | 'cookies'>,
  route: Route,
  { seconds, load }: Plan,
): Promise<Sample> {
  const before = await server.usage()
  const { requests, seconds: took } = await load.run({
    port: server.port,
    path: `/${route}`,
    connections,
    cookies,
    seconds,
  })
  const after = await server.usage()
  return { cpu: (after.cpuMicroseconds - before.cpuMicroseconds) / requests, perSecond: requests / took }
}

/** What is known of one route of one variant after all rounds. */
export interface Figure {
  /** CPU in microseconds per request above the bare framework; of the bare framework itself, all of it. */
  readonly cpu: number
  readonly spread: number
  readonly perSecond: number
}

export interface Result {
  readonly variant: Variant
  readonly figures: Readonly<Record<Route, Figure>>
  readonly rssBytes: number
}

/** Medians over the rounds; each round is compared with the bare framework in the same round. */
export async function resultOf(subject: Subject, subjects: readonly Subject[]): Promise<Result> {
  const { variant, server } = subject
  const bare = subjects.find(({ variant: { id } }) => id === variant.bare && id !== variant.id)
  const figure = (route: Route): Figure => {
    const above = subject.samples[route].map(({ cpu }, i) => cpu - (bare?.samples[route][i]?.cpu ?? 0))
    const perSecond = median(subject.samples[route].map(sample => sample.perSecond))
    return { cpu: median(above), spread: spread(above), perSecond }
  }
  const figures = { untouched: figure('untouched'), read: figure('read'), write: figure('write') }
  return { variant, figures, rssBytes: (await server.usage()).rssBytes }
}
