import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { ServiceName } from '../test/services/services.ts'
import { chart } from './chart.ts'
import { docs, writeBlock } from './docs-block.ts'
import { machine } from './machine.ts'
import type { Figure, Result } from './measure.ts'
import { versionOf } from './services.ts'
import { targetRows } from './targets.ts'
import { markdownTable } from './text-table.ts'
import { routes } from './variants.ts'

/** The results as rows: CPU and spread for each route, requests per second, memory. */
export function resultRows(results: readonly Result[]): string[][] {
  const head = ['µs of CPU above bare', ...routes, 'read/s', 'RSS, MB']
  const cell = ({ cpu, spread }: Figure): string => (Number.isNaN(cpu) ? '' : `${cpu.toFixed(1)} ±${spread.toFixed(1)}`)
  const rows = results.map(({ variant, figures, rssBytes }) => [
    isBare({ variant }) ? `${variant.title} (all of it)` : variant.title,
    ...routes.map(route => cell(figures[route])),
    Number.isNaN(figures.read.perSecond) ? '' : Math.round(figures.read.perSecond).toLocaleString('en'),
    (rssBytes / 1e6).toFixed(0),
  ])
  return [head, ...rows]
}

/** From here on what changes a line changes more than what is to be told apart. */
const restless = 0.05

/** How much the bare frameworks changed from round to round, which nothing but the machine can have caused. */
export function steadiness(results: readonly Result[]): string {
  const shares = results
    .filter(isBare)
    .flatMap(({ variant, figures }) =>
      routes.map(route => ({ name: `${variant.id}, ${route}`, share: figures[route].spread / figures[route].cpu })),
    )
  const figures = results.flatMap(result => routes.map(route => result.figures[route]))
  const busy = figures.reduce((sum, figure) => sum + figure.busy, 0)
  const all = figures.reduce((sum, figure) => sum + figure.rounds.length, 0)
  const most = shares.reduce((a, b) => (b.share > a.share ? b : a), { name: 'none', share: 0 })
  const said = `In ${busy} of ${all} measurements the machine was busy at every try. From round to round the bare frameworks themselves varied by ${(most.share * 100).toFixed(1)} % at most (${most.name}).`
  return most.share < restless ? said : `${said} That is much: something else ran on the machine. Run it again.`
}

function isBare({ variant }: Pick<Result, 'variant'>): boolean {
  return variant.bare === variant.id
}

/** How a run was made, as far as its numbers depend on it. */
export interface Conditions {
  readonly command: string
  readonly rounds: number
  readonly seconds: number
  readonly pinned: boolean
  readonly payloadBytes: { readonly stored: number; readonly inCookie: number }
  readonly services: readonly ServiceName[]
}

/** Writes the results into `docs/performance.md` and the picture beside it. */
export function writeReport(results: readonly Result[], conditions: Conditions): void {
  const tables = [resultRows(results), targetRows(results)].map(markdownTable)
  writeBlock('bench', [`${description(conditions)}\n${steadiness(results)}`, ...tables])
  writeFileSync(join(docs, 'performance.svg'), chart(results))
}

const packages = [
  ...['express', 'express-session', 'connect-redis', 'connect-pg-simple', 'cookie-session', 'iron-session'],
  ...['redis', 'pg', 'fastify', '@fastify/session', '@fastify/secure-session', 'hono', '@hono/node-server'],
  ...['hono-sessions', 'koa', 'koa-session'],
]

function description({ command, rounds, seconds, pinned, payloadBytes, services }: Conditions): string {
  const { stored, inCookie } = payloadBytes
  const versions = [
    `Node ${process.versions.node}`,
    ...packages.map(name => `${name} ${packageVersion(name)}`),
    ...services.map(name => `the server ${name} ${versionOf(name)}`),
  ]
  return [
    `\`${command}\`: medians of ${rounds} rounds, in each of which every line was asked for ${seconds} s on each route, ± the median deviation. While the machine was busy, a measurement was made again, up to four times.`,
    machine(),
    pinned
      ? 'The server has one core to itself; the load and the services have the other.'
      : 'Nothing was pinned to a core.',
    `A session's data are ${stored} bytes of JSON in a store, and ${inCookie} in a cookie.`,
    `Versions: ${versions.join(', ')}.`,
  ].join('\n')
}

function packageVersion(name: string): string {
  const file = createRequire(import.meta.url).resolve.paths(name)?.[0]
  const text = readFileSync(join(file ?? '', '..', '..', 'node_modules', name, 'package.json'), 'utf8')
  return JSON.parse(text).version
}
