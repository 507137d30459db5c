import type { ServiceName } from '../test/services/services.ts'
import type { StoreName } from './servers/serve.ts'

/** The routes that are measured. */
export const routes = ['untouched', 'read', 'write'] as const

export type Route = (typeof routes)[number]

/** One line of the table. To add one: a file in `servers/`, and an entry here. */
export interface Variant {
  /** What `--only` looks for. */
  readonly id: string
  readonly title: string
  /** What it is compared with: the id of the same framework without sessions. That one names itself. */
  readonly bare: string
  /** Lines of one group are compared with each other: they are measured in turns, while those of other groups wait. */
  readonly group: string
  /** The file in `servers/`. */
  readonly server: string
  readonly store?: StoreName
  /** What has to run for it. */
  readonly services?: readonly ServiceName[]
  /** It knows no visitors, and answers the same to everybody. */
  readonly answersAlike?: boolean
  /** The whole session travels in the cookie. */
  readonly inCookie?: boolean
  /** How many log in and ask in turn; as many as there are connections, if nothing is said. */
  readonly visitors?: number
}

/**
 * So many that each cookie comes to the server as if for the first time: it comes back only after all others have come, and
 * no table of values seen lately is as long.
 */
export const crowd = 4096

/** Lines of which it is known what they cost, in microseconds: what they come out as says how well the bench measures. */
export const controls = [
  { id: 'express-again', costs: 0 },
  { id: 'express-and-5', costs: 5 },
] as const

const alike = { answersAlike: true } as const
const express = { bare: 'express', group: 'express in memory' } as const
const redis = { ...express, group: 'express on redis', store: 'redis', services: ['redis'] } as const
const postgres = { ...express, group: 'express on postgres', store: 'postgres', services: ['postgres'] } as const
const sqlite = { ...express, group: 'express on sqlite' } as const
const cookie = { ...express, group: 'express in cookies', inCookie: true, visitors: crowd } as const
const fastify = { bare: 'fastify', group: 'fastify in memory' } as const
const fastifyRedis = { ...fastify, group: 'fastify on redis', store: 'redis', services: ['redis'] } as const
const fastifyCookie = { ...fastify, group: 'fastify in cookies', inCookie: true } as const
const node = { bare: 'node', group: 'node' } as const
const fetch = { bare: 'fetch', group: 'fetch' } as const
const hono = { bare: 'hono', group: 'hono' } as const
const koa = { bare: 'koa', group: 'koa' } as const

export const variants: readonly Variant[] = [
  { ...express, ...alike, id: 'express', title: 'Express 5, bare', server: 'express-bare' },
  { ...express, ...alike, id: 'express-again', title: 'control: bare Express, once more', server: 'express-bare' },
  { ...express, ...alike, id: 'express-and-5', title: 'control: bare Express and 5 µs', server: 'express-and-5' },

  { ...express, ...alike, id: 'memory-floor', title: 'floor: a hash, a Map and JSON', server: 'floor-memory' },
  { ...express, id: 'memory', title: 'Keepsake, memory', server: 'express-keepsake', store: 'memory' },
  {
    ...express,
    id: 'express-session-memory',
    title: 'express-session, memory',
    server: 'express-session',
    store: 'memory',
  },

  { ...redis, ...alike, id: 'redis-floor', title: 'floor: raw Redis GET (and SET)', server: 'floor-redis' },
  { ...redis, id: 'redis', title: 'Keepsake, Redis', server: 'express-keepsake' },
  { ...redis, id: 'express-session-redis', title: 'express-session + connect-redis', server: 'express-session' },

  {
    ...postgres,
    ...alike,
    id: 'postgres-floor',
    title: 'floor: raw PostgreSQL SELECT (and UPDATE)',
    server: 'floor-postgres',
  },
  { ...postgres, id: 'postgres', title: 'Keepsake, PostgreSQL', server: 'express-keepsake' },
  {
    ...postgres,
    id: 'express-session-postgres',
    title: 'express-session + connect-pg-simple',
    server: 'express-session',
  },

  { ...sqlite, ...alike, id: 'sqlite-floor', title: 'floor: raw SQLite SELECT (and UPDATE)', server: 'floor-sqlite' },
  { ...sqlite, ...alike, id: 'sqlite-least', title: 'the same, a hash and JSON', server: 'least-sqlite' },
  { ...sqlite, id: 'sqlite', title: 'Keepsake, SQLite', server: 'express-keepsake', store: 'sqlite' },
  {
    ...sqlite,
    id: 'express-session-sqlite',
    title: 'express-session + a least store on SQLite',
    server: 'express-session',
    store: 'sqlite',
  },

  { ...cookie, ...alike, id: 'cookie-floor', title: 'floor: AES-256-GCM open (and seal)', server: 'floor-seal' },
  {
    ...cookie,
    ...alike,
    id: 'cookie-floor-key-object',
    title: 'floor: the same, the key a KeyObject',
    server: 'floor-seal-key-object',
  },
  {
    ...cookie,
    id: 'encrypted-cookie',
    title: 'Keepsake, encrypted cookie',
    server: 'express-keepsake',
    store: 'encrypted-cookie',
  },
  { ...cookie, id: 'iron-session-cookie', title: 'iron-session', server: 'express-iron-session' },
  {
    ...cookie,
    id: 'signed-cookie',
    title: 'Keepsake, signed cookie',
    server: 'express-keepsake',
    store: 'signed-cookie',
  },
  { ...cookie, id: 'cookie-session', title: 'cookie-session', server: 'express-cookie-session' },

  { ...node, ...alike, id: 'node', title: 'node:http, bare', server: 'node-bare' },
  { ...node, id: 'node-memory', title: 'Keepsake on node:http, memory', server: 'node-keepsake', store: 'memory' },

  { ...fetch, ...alike, id: 'fetch', title: 'a fetch handler on Node, bare', server: 'fetch-bare' },
  { ...fetch, id: 'fetch-memory', title: 'Keepsake on fetch, memory', server: 'fetch-keepsake', store: 'memory' },

  { ...fastify, ...alike, id: 'fastify', title: 'Fastify 5, bare', server: 'fastify-bare' },
  {
    ...fastify,
    id: 'fastify-memory',
    title: 'Keepsake on Fastify, memory',
    server: 'fastify-keepsake',
    store: 'memory',
  },
  { ...fastify, id: 'fastify-session-memory', title: '@fastify/session, memory', server: 'fastify-session' },
  {
    ...fastifyRedis,
    ...alike,
    id: 'fastify-redis-floor',
    title: 'floor on Fastify: raw Redis GET (and SET)',
    server: 'fastify-floor-redis',
  },
  {
    ...fastifyRedis,
    ...alike,
    id: 'fastify-redis-least',
    title: 'the same on Fastify, a hash and JSON',
    server: 'fastify-least-redis',
  },
  { ...fastifyRedis, id: 'fastify-redis', title: 'Keepsake on Fastify, Redis', server: 'fastify-keepsake' },
  {
    ...fastifyRedis,
    id: 'fastify-session-redis',
    title: '@fastify/session + connect-redis',
    server: 'fastify-session',
  },
  {
    ...fastifyCookie,
    id: 'fastify-encrypted-cookie',
    title: 'Keepsake on Fastify, encrypted cookie, seen again',
    server: 'fastify-keepsake',
    store: 'encrypted-cookie',
  },
  {
    ...fastifyCookie,
    id: 'fastify-secure-session-cookie',
    title: '@fastify/secure-session, seen again',
    server: 'fastify-secure-session',
  },

  { ...hono, ...alike, id: 'hono', title: 'Hono 4 on Node, bare', server: 'hono-bare' },
  { ...hono, id: 'hono-memory', title: 'Keepsake on Hono, memory', server: 'hono-keepsake', store: 'memory' },
  {
    ...hono,
    id: 'hono-redis',
    title: 'Keepsake on Hono, Redis',
    server: 'hono-keepsake',
    store: 'redis',
    services: ['redis'],
  },
  { ...hono, id: 'hono-sessions-memory', title: 'hono-sessions, memory', server: 'hono-sessions' },

  { ...koa, ...alike, id: 'koa', title: 'Koa 3, bare', server: 'koa-bare' },
  { ...koa, id: 'koa-memory', title: 'Keepsake on Koa, memory', server: 'koa-keepsake', store: 'memory' },
  {
    ...koa,
    id: 'koa-redis',
    title: 'Keepsake on Koa, Redis',
    server: 'koa-keepsake',
    store: 'redis',
    services: ['redis'],
  },
  // With the data of a stored session, which is what it is compared with.
  { ...koa, id: 'koa-session-cookie', title: 'koa-session, in the cookie', server: 'koa-session' },
]

/** The lines by their groups. */
export function groupsOf(lines: readonly Variant[]): readonly (readonly Variant[])[] {
  return Object.values(Object.groupBy(lines, ({ group }) => group)).filter(group => group !== undefined)
}

/** What a line is compared with: the same framework without sessions. */
export function bareOf({ bare }: Variant): Variant {
  const found = variants.find(({ id }) => id === bare)
  if (!found) throw new Error(`there is no line ${bare}`)
  return found
}

/** The variants whose id holds one of these words, and what they are compared with. All of them if there is no word. */
export function chosen(words: readonly string[]): readonly Variant[] {
  const wanted = variants.filter(({ id }) => words.length === 0 || words.some(word => id.includes(word)))
  if (wanted.length === 0) throw new Error(`--only ${words} names none of ${variants.map(({ id }) => id).join(', ')}`)
  return variants.filter(variant => wanted.includes(variant) || wanted.some(({ bare }) => bare === variant.id))
}
