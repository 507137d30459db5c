import type { Result } from './measure.ts'
import { median, spread } from './statistics.ts'
import type { Route } from './variants.ts'

/** One route of one variant. */
type Line = readonly [id: string, route: Route]

/** What Keepsake is to reach, and what it is measured by. */
interface Target {
  readonly what: string
  /** What is measured, and what it is divided by; without that, it is in microseconds. */
  readonly value: Line
  readonly by?: Line
  readonly atMost: number
  /** The raw call, or the least work, that nobody can do without, held against the same, to see how much of the way is left. */
  readonly floor?: Line
}

const onExpress = ['memory', 'redis', 'postgres', 'sqlite', 'encrypted-cookie', 'signed-cookie']
const untouched = [
  ...onExpress,
  ...['node-memory', 'fetch-memory', 'fastify-memory', 'fastify-redis', 'fastify-encrypted-cookie'],
  ...['hono-memory', 'hono-redis', 'koa-memory', 'koa-redis'],
]
/** The express-session that keeps its sessions in the same place; nothing of it keeps them in a cookie. */
const expressSession = ['memory', 'redis', 'postgres', 'sqlite', 'memory', 'memory']
const floors = { redis: [1.5, 1.6], postgres: [1.3, 1.3], sqlite: [1.6, 1.6] } as const
/** The best-known library of each framework, with the same store where it has one. */
const best = {
  'fastify-memory': 'fastify-session-memory',
  'fastify-redis': 'fastify-session-redis',
  'hono-memory': 'hono-sessions-memory',
  'hono-redis': 'hono-sessions-memory',
  'koa-memory': 'koa-session-cookie',
  'koa-redis': 'koa-session-cookie',
} as const

function ratio(value: Line, by: Line, atMost: number, floor?: string): Target {
  const [[id, route], [other]] = [value, by]
  const target = { what: `${id}, ${route} / ${other}`, value, by, atMost }
  return floor === undefined ? target : { ...target, floor: [floor, route] }
}

/** The same for a read and for a write. */
function ratios(id: string, other: string, [read, write]: readonly [number, number], floor?: string): Target[] {
  return [ratio([id, 'read'], [other, 'read'], read, floor), ratio([id, 'write'], [other, 'write'], write, floor)]
}

const targets: readonly Target[] = [
  ...untouched.map((id): Target => ({ what: `${id}, untouched: microseconds`, value: [id, 'untouched'], atMost: 1.5 })),
  ...onExpress.map((id, i) => ratio([id, 'untouched'], [`express-session-${expressSession[i]}`, 'untouched'], 1 / 20)),
  ratio(['memory', 'read'], ['express-session-memory', 'read'], 1 / 6, 'memory-floor'),
  ...Object.entries(floors).flatMap(([id, atMost]) =>
    ratios(id, `${id}-floor`, atMost, id === 'sqlite' ? 'sqlite-least' : undefined),
  ),
  // All of these are asked with more visitors than any table of values seen lately could hold.
  ...ratios('encrypted-cookie', 'cookie-floor', [1.2, 1.2]),
  ...ratios('encrypted-cookie', 'iron-session-cookie', [1 / 10, 1 / 10], 'cookie-floor-key-object'),
  ...ratios('signed-cookie', 'cookie-session', [1 / 3, 1 / 3]),
  // Here the same few cookies come again and again.
  ...ratios('fastify-encrypted-cookie', 'fastify-secure-session-cookie', [1, 1]),
  ...Object.entries(best).flatMap(([id, other]) =>
    ratios(id, other, [1 / 2, 1 / 2], id === 'fastify-redis' ? 'fastify-redis-least' : undefined),
  ),
]

type Verdict = 'yes' | 'no' | 'cannot tell'

/** What the rounds say together. */
export interface Measured {
  readonly middle: number
  readonly spread: number
  readonly verdict: Verdict
}

/** Of how many rounds on there is a spread that says something. */
const fewest = 3

/**
 * Whether what was measured, round by round, is at most so much. A run cannot tell when the limit lies within the spread; when
 * something is measured as less than nothing, which is no speed but a machine that was busy; or when the rounds are too few.
 */
export function judge(values: readonly number[], divisors: readonly number[] | null, atMost: number): Measured {
  if (divisors?.some(divisor => !(divisor > 0)))
    return { middle: Number.NaN, spread: Number.NaN, verdict: 'cannot tell' }
  const rounds = divisors ? values.map((value, i) => value / (divisors[i] ?? Number.NaN)) : values
  const found = { middle: median(rounds), spread: spread(rounds) }
  return { ...found, verdict: rounds.length < fewest ? 'cannot tell' : verdictOf(found, atMost) }
}

function verdictOf({ middle, spread }: Omit<Measured, 'verdict'>, atMost: number): Verdict {
  if (middle + spread < 0) return 'cannot tell'
  if (middle + spread <= atMost) return 'yes'
  return middle - spread > atMost ? 'no' : 'cannot tell'
}

/** The targets that these results can tell of: what, measured, at most, and whether it is reached. */
export function targetRows(results: readonly Result[]): string[][] {
  const roundsOf = ([id, route]: Line): readonly number[] =>
    results.find(({ variant }) => variant.id === id)?.figures[route].rounds ?? []
  const rows = targets.flatMap(({ what, value, by, atMost, floor }) => {
    const measured = roundsOf(value)
    const divisors = by ? roundsOf(by) : null
    if (measured.length === 0 || divisors?.length === 0) return []
    const { middle, spread, verdict } = judge(measured, divisors, atMost)
    const lowest = floor && roundsOf(floor).length > 0 ? judge(roundsOf(floor), divisors, atMost).middle : Number.NaN
    const shown = Number.isNaN(middle) ? '' : `${middle.toFixed(2)} ±${spread.toFixed(2)}`
    return [[what, shown, atMost.toFixed(2), verdict, Number.isNaN(lowest) ? '' : lowest.toFixed(2)]]
  })
  return rows.length === 0 ? [] : [['to reach', 'measured', 'at most', 'reached', 'the least'], ...rows]
}
