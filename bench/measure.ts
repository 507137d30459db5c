import { type Pair, quietPace, shareAbove } from './pairs.ts'
import { type LoadProcess, type RunningServer, startServer } from './processes.ts'
import type { ServerSettings } from './servers/serve.ts'
import { type Slice, slice } from './slice.ts'
import { median, rotated, spread } from './statistics.ts'
import { type Route, routes, type Variant } from './variants.ts'
import { logIn } from './visitors.ts'

/** A variant under test. */
export interface Subject {
  readonly variant: Variant
  /** Of each route, the pairs of each round. */
  readonly rounds: Readonly<Record<Route, (readonly Pair[])[]>>
  /** Memory of the server's process at the end of each round, in bytes. */
  readonly rss: number[]
}

/** A subject with the server of this round. */
export interface Running extends Subject {
  readonly server: RunningServer
}

export function subjectOf(variant: Variant): Subject {
  return { variant, rounds: { untouched: [], read: [], write: [] }, rss: [] }
}

/** How a bench is run. */
export interface Plan {
  readonly routes: readonly Route[]
  /** How often each line is asked on each route in a round. */
  readonly slices: number
  /** For how long, each time; and as long the bare framework beside it. */
  readonly seconds: number
  readonly load: LoadProcess
  /** How many ask at the same time. */
  readonly connections: number
  readonly nodeOptions: readonly string[]
  readonly progress: (text: string) => void
}

/** Starts a subject's server, and logs visitors in. */
export async function start(subject: Subject, settings: ServerSettings, plan: Plan): Promise<Running> {
  const { variant } = subject
  const server = await startServer(variant.server, settings, plan.nodeOptions)
  plan.load.introduce(variant.id, await logIn(server.port, variant))
  const running = { ...subject, server }
  await warmUp(running, plan)
  return running
}

/** Stops it, after what it had in memory was noted. */
export async function stop({ rss, server }: Running): Promise<void> {
  rss.push((await server.usage()).rssBytes)
  await server.stop()
}

/** Until its code is compiled: twice on each route, since a route may undo what V8 made of the ones before. */
async function warmUp({ variant, server }: Running, { routes, load, connections }: Plan): Promise<void> {
  for (const route of [...routes, ...routes]) {
    const seconds = compiling(route, variant)
    await load.open({ port: server.port, path: `/${route}`, visitors: variant.id, connections }, seconds)
  }
}

/**
 * For how many seconds a server is asked, each time, until V8 has compiled what a route runs. What runs once for many requests, as what
 * handles the answer of a service, comes to that last: after 2 times 0.6 s a write on Redis cost 39 µs, and after 2 times 3 s it cost 33.
 */
function compiling(route: Route, { services }: Variant): number {
  if (route === 'untouched') return 0.5
  return services ? 2.5 : 1.25
}

/** One round over the lines of a group, each time in another order: what comes and goes on the machine comes to each of them. */
export async function round(lines: readonly Running[], bare: Running, number: number, plan: Plan): Promise<void> {
  for (const route of rotated(plan.routes, number)) {
    const pairs = new Map<Running, Pair[]>(lines.map(line => [line, []]))
    for (let i = 0; i < plan.slices; i++) {
      plan.progress(`${route}, ${i + 1} of ${plan.slices}`)
      for (const line of rotated(lines, number + i)) pairs.get(line)?.push(await pair(line, bare, route, i, plan))
    }
    for (const [line, found] of pairs) line.rounds[route].push(found)
  }
}

/** The line before the bare framework, and then after it, in turn: whoever comes second finds another machine. */
async function pair(line: Running, bare: Running, route: Route, number: number, plan: Plan): Promise<Pair> {
  const { connections, seconds, load } = plan
  // The bare framework is sent the very cookies of the line, so that it parses the same header.
  const ask = ({ server }: Running): Promise<Slice> =>
    slice(server, { path: `/${route}`, visitors: line.variant.id, connections }, seconds, load)
  if (number % 2 === 0) return { own: await ask(line), bare: await ask(bare) }
  const before = await ask(bare)
  return { own: await ask(line), bare: before }
}

/** What is known of one route of one variant after all rounds. */
export interface Figure {
  /** CPU in microseconds per request above the bare framework, at its quiet pace; of the bare framework itself, all of it. */
  readonly cpu: number
  readonly spread: number
  /** The same of each round. */
  readonly rounds: readonly number[]
  readonly perSecond: number
}

export interface Result {
  readonly variant: Variant
  readonly figures: Readonly<Record<Route, Figure>>
  readonly rssBytes: number
}

/** Medians over the rounds, of the lines of a group and of the bare framework beside them. */
export function resultsOf(lines: readonly Subject[], bare: Subject): Result[] {
  const result = ({ variant, rss }: Subject, figure: (route: Route) => Figure): Result => ({
    variant,
    figures: Object.fromEntries(routes.map(route => [route, figure(route)])) as Record<Route, Figure>,
    rssBytes: median(rss),
  })
  const pace = (route: Route): number => quietPace(lines.flatMap(line => line.rounds[route].flat()))
  return [
    result(bare, route => figureOfBare(lines.map(line => line.rounds[route]))),
    ...lines.map(line => result(line, route => figureOf(line.rounds[route], pace(route)))),
  ]
}

function figureOf(rounds: readonly (readonly Pair[])[], pace: number): Figure {
  const above = rounds.map(pairs => shareAbove(pairs) * pace)
  return figure(
    above,
    rounds.flat().map(({ own }) => own),
  )
}

/** Of what was measured beside each of the lines. */
function figureOfBare(lines: readonly (readonly (readonly Pair[])[])[]): Figure {
  const [first = []] = lines
  const paces = first.map((_, i) => quietPace(lines.flatMap(rounds => rounds[i] ?? [])))
  return figure(
    paces,
    lines.flat(2).map(({ bare }) => bare),
  )
}

function figure(rounds: readonly number[], slices: readonly Slice[]): Figure {
  const perSecond = median(slices.map(({ requests, seconds }) => requests / seconds))
  return { cpu: median(rounds), spread: spread(rounds), rounds, perSecond }
}
