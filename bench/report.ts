import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import type { ServiceName } from '../test/services/services.ts'
import { chart } from './chart.ts'
import type { Figure, Result } from './measure.ts'
import { versionOf } from './services.ts'
import { targetRows } from './targets.ts'
import { markdownTable } from './text-table.ts'
import { routes } from './variants.ts'

const docs = join(import.meta.dirname, '..', 'docs')
const [begin, end] = ['<!-- bench: what follows is written by npm run bench -- --write -->', '<!-- bench: end -->']

/** The results as rows: CPU and spread for each route, requests per second, memory. */
export function resultRows(results: readonly Result[]): string[][] {
  const head = ['µs of CPU above bare', ...routes, 'read/s', 'RSS, MB']
  const cell = ({ cpu, spread }: Figure): string => (Number.isNaN(cpu) ? '' : `${cpu.toFixed(1)} ±${spread.toFixed(1)}`)
  const rows = results.map(({ variant, figures, rssBytes }) => [
    variant.bare === variant.id ? `${variant.title} (all of it)` : variant.title,
    ...routes.map(route => cell(figures[route])),
    Number.isNaN(figures.read.perSecond) ? '' : Math.round(figures.read.perSecond).toLocaleString('en'),
    (rssBytes / 1e6).toFixed(0),
  ])
  return [head, ...rows]
}

/** What ran on the machine while it was measured, the bench with it: it keeps some 1.5 cores busy by itself. */
export function loadAverage(): string {
  return `load average ${loadavg()
    .map(load => load.toFixed(1))
    .join(', ')}`
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
  const file = join(docs, 'performance.md')
  const text = readFileSync(file, 'utf8')
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before === -1 || after === -1) throw new Error(`docs/performance.md has no lines ${begin} and ${end}`)
  const tables = [resultRows(results), targetRows(results)].filter(rows => rows.length > 0).map(markdownTable)
  const section = [begin, description(conditions), ...tables]
  writeFileSync(file, `${text.slice(0, before)}${section.join('\n\n')}\n\n${text.slice(after)}`)
  writeFileSync(join(docs, 'performance.svg'), chart(results))
}

const packages = [
  ...['express', 'express-session', 'connect-redis', 'connect-pg-simple', 'cookie-session', 'iron-session'],
  ...['redis', 'pg', 'fastify', '@fastify/session', '@fastify/secure-session', 'hono', '@hono/node-server'],
  ...['hono-sessions', 'koa', 'koa-session'],
]

function description({ command, rounds, seconds, pinned, payloadBytes, services }: Conditions): string {
  const { stored, inCookie } = payloadBytes
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  const versions = [
    `Node ${process.versions.node}`,
    ...packages.map(name => `${name} ${packageVersion(name)}`),
    ...services.map(name => `${name} ${versionOf(name)}`),
  ]
  return [
    `\`${command}\`: medians of ${rounds} interleaved rounds of ${seconds} s each, ± the median deviation.`,
    `Machine: ${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()}, ${loadAverage()} at the end.`,
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
