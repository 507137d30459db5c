/** A part of the package, and the program that tries it. */
export interface Part {
  readonly name: string
  /** The file in `programs`, without its ending. */
  readonly program: string
  /** What the program exports: something to run, a `fetch` handler, or a server of `node:http`. */
  readonly kind: 'run' | 'fetch' | 'server'
  /** The only runtime that may have it. */
  readonly only?: string
  /** The one runtime on which it cannot be tried. */
  readonly except?: string
}

export const parts: readonly Part[] = [
  { name: 'sessions, `keepsake/stores/memory`', program: 'core', kind: 'run' },
  { name: '`keepsake/engines/encrypted-cookie`, `…/signed-cookie`', program: 'cookie-engines', kind: 'run' },
  { name: '`keepsake/cookies`', program: 'cookies', kind: 'run' },
  { name: '`keepsake/fetch`', program: 'fetch', kind: 'fetch' },
  { name: '`keepsake/hono`', program: 'hono', kind: 'fetch' },
  { name: '`keepsake/node`', program: 'node', kind: 'server' },
  { name: '`keepsake/express`', program: 'express', kind: 'server' },
  { name: '`keepsake/fastify`', program: 'fastify', kind: 'server' },
  { name: '`keepsake/koa`', program: 'koa', kind: 'server' },
  { name: '`keepsake/transport`', program: 'transport', kind: 'run' },
  { name: '`sessions.ofUpgrade`, for WebSockets', program: 'upgrade', kind: 'run' },
  { name: '`keepsake/next`, but for Next itself', program: 'next', kind: 'run' },
  { name: '`keepsake/stores/database`, `node:sqlite`', program: 'sqlite', kind: 'run' },
  { name: '`keepsake/stores/database`, `bun:sqlite`', program: 'bun-sqlite', kind: 'run', only: 'Bun' },
  { name: '`keepsake/stores/database`, better-sqlite3', program: 'better-sqlite3', kind: 'run' },
  { name: '`keepsake/stores/database`, pg', program: 'postgres', kind: 'run' },
  { name: '`keepsake/stores/database`, mysql2', program: 'mysql', kind: 'run' },
  { name: '`keepsake/stores/redis`, node-redis', program: 'node-redis', kind: 'run' },
  { name: '`keepsake/stores/redis`, ioredis', program: 'ioredis', kind: 'run' },
  { name: '`keepsake/stores/file`', program: 'file', kind: 'run' },
  { name: '`keepsake/stores/memcached`', program: 'memcached', kind: 'run' },
  { name: '`keepsake/stores/cached`, `…/express-store`', program: 'cached', kind: 'run' },
  { name: '`keepsake/auth`', program: 'auth', kind: 'run' },
  { name: '`keepsake/auth/fetch`', program: 'guards', kind: 'run' },
  { name: '`argon2id` of `keepsake/auth`', program: 'argon2id', kind: 'run' },
  { name: '`scrypt` and `pbkdf2` of `keepsake/auth`', program: 'scrypt', kind: 'run' },
  { name: '`keepsake/django`', program: 'django', kind: 'run' },
  { name: '`keepsake/testing`: its suites, of `memoryStore` and `withSessions`', program: 'suites-fetch', kind: 'run' },
  // Its servers cannot be asked from inside.
  { name: '… and of `nodeSessions`', program: 'suites-node', kind: 'run', except: 'workerd' },
]
