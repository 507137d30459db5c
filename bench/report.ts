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
import { controls, routes } from './variants.ts'

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

/** What the run says of itself: how much the bare frameworks changed from round to round, and what the controls came out as. */
export function steadiness(results: readonly Result[]): string {
  const shares = results
    .filter(isBare)
    .flatMap(({ variant, figures }) =>
      routes.map(route => ({ name: `${variant.id}, ${route}`, share: figures[route].spread / figures[route].cpu })),
    )
  const most = shares.reduce((a, b) => (b.share > a.share ? b : a), { name: 'none', share: 0 })
  const said = `From round to round the bare frameworks themselves varied by ${(most.share * 100).toFixed(1)} % at most (${most.name}).`
  return [said, ...controls.flatMap(control => sayOfControl(control, results))].join(' ')
}

function sayOfControl({ id, costs }: (typeof controls)[number], results: readonly Result[]): string[] {
  const control = results.find(({ variant }) => variant.id === id)
  if (!control) return []
  const found = routes.map(route => control.figures[route].cpu).filter(cpu => !Number.isNaN(cpu))
  const shown = found.map(cpu => cpu.toFixed(1)).join(', ')
  const isFar = found.some(cpu => Math.abs(cpu - costs) > tolerable)
  return [`A control that costs ${costs} µs came out as ${shown}.${isFar ? ' That is far: run it again.' : ''}`]
}

/** In microseconds: what a session may cost a request that leaves it alone. What lies further from the truth tells nothing of that. */
const tolerable = 1.5

function isBare({ variant }: Pick<Result, 'variant'>): boolean {
  return variant.bare === variant.id
}

/** How a run was made, as far as its numbers depend on it. */
export interface Conditions {
  readonly command: string
  readonly rounds: number
  readonly slices: number
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

function description({ command, rounds, slices, seconds, pinned, payloadBytes, services }: Conditions): string {
  const { stored, inCookie } = payloadBytes
  const versions = [
    `Node ${process.versions.node}`,
    ...packages.map(name => `${name} ${packageVersion(name)}`),
    ...services.map(name => `the server ${name} ${versionOf(name)}`),
  ]
  return [
    `\`${command}\`: medians of ${rounds} rounds, in each of which every line was asked ${slices} times for ${seconds} s on each route, in turn with the bare framework, ± the median deviation.`,
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
