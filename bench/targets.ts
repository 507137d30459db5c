import type { Result } from './measure.ts'
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
}

const stored = ['memory', 'redis', 'postgres', 'sqlite'] as const
const untouched = [
  ...['memory', 'redis', 'postgres', 'sqlite', 'encrypted-cookie', 'signed-cookie'],
  ...['fastify-memory', 'fastify-redis', 'fastify-encrypted-cookie', 'hono-memory', 'hono-redis'],
  ...['koa-memory', 'koa-redis'],
]
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

function ratio(value: Line, by: Line, atMost: number): Target {
  const [[id, route], [other]] = [value, by]
  return { what: `${id}, ${route} / ${other}`, value, by, atMost }
}

/** The same for a read and for a write. */
function ratios(id: string, other: string, [read, write]: readonly [number, number]): Target[] {
  return [ratio([id, 'read'], [other, 'read'], read), ratio([id, 'write'], [other, 'write'], write)]
}

const targets: readonly Target[] = [
  ...untouched.map((id): Target => ({ what: `${id}, untouched: microseconds`, value: [id, 'untouched'], atMost: 1.5 })),
  ...stored.map(id => ratio([id, 'untouched'], [`express-session-${id}`, 'untouched'], 1 / 20)),
  ratio(['memory', 'read'], ['express-session-memory', 'read'], 1 / 6),
  ...Object.entries(floors).flatMap(([id, atMost]) => ratios(id, `${id}-floor`, atMost)),
  // All of these are asked with more visitors than any table of values seen lately could hold.
  ...ratios('encrypted-cookie', 'cookie-floor', [1.2, 1.2]),
  ...ratios('encrypted-cookie', 'iron-session-cookie', [1 / 10, 1 / 10]),
  ...ratios('signed-cookie', 'cookie-session', [1 / 3, 1 / 3]),
  // Here the same few cookies come again and again.
  ...ratios('fastify-encrypted-cookie', 'fastify-secure-session-cookie', [1, 1]),
  ...Object.entries(best).flatMap(([id, other]) => ratios(id, other, [1 / 2, 1 / 2])),
]

/** The targets that these results can tell of: what, measured, at most, and whether it is reached. */
export function targetRows(results: readonly Result[]): string[][] {
  const cpuOf = ([id, route]: Line): number =>
    results.find(({ variant }) => variant.id === id)?.figures[route].cpu ?? Number.NaN
  const rows = targets.flatMap(({ what, value, by, atMost }) => {
    const measured = cpuOf(value)
    const divisor = by ? cpuOf(by) : 1
    if (!Number.isFinite(measured) || !Number.isFinite(divisor)) return []
    const found = measured / divisor
    return [[what, found.toFixed(2), atMost.toFixed(2), found <= atMost ? 'yes' : 'no']]
  })
  return rows.length === 0 ? [] : [['to reach', 'measured', 'at most', 'reached'], ...rows]
}
