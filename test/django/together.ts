import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll } from 'vitest'
import { djangoSessions } from '../../src/django/sessions/django-sessions.ts'
import type { DjangoEngine } from '../../src/django/sessions/engine.ts'
import { djangoUsers } from '../../src/django/users/django-users.ts'
import type { DatabaseHandle } from '../../src/stores/database/open-database.ts'
import { type DjangoSettings, startDjango } from './django-site.ts'
import type { TwoSites } from './stories.ts'
import { type Data, KeepsakeSite, secretKey } from './two-sites.ts'

/** The engine on both sides. */
export interface SharedEngine {
  /** Django's settings for it. */
  readonly settings: DjangoSettings
  readonly engine: (database: DatabaseHandle) => DjangoEngine
  /** Another database than SQLite: its settings are among `settings`. */
  readonly database?: DatabaseHandle
  readonly close?: () => unknown
}

/** Starts both sites for the tests of a group, over one database that has the users, and stops them after it. */
export function startTogether(start: (directory: string) => SharedEngine | Promise<SharedEngine>): () => TwoSites {
  let sites: TwoSites | undefined
  let shared: SharedEngine | undefined
  const directory = mkdtempSync(join(tmpdir(), 'keepsake-django-'))

  beforeAll(async () => {
    shared = await start(directory)
    const file = join(directory, 'db.sqlite3')
    const sqlite = { ENGINE: 'django.db.backends.sqlite3', NAME: file, OPTIONS: { timeout: 20 } }
    const settings = { SECRET_KEY: secretKey, DATABASES: { default: sqlite }, ...shared.settings }
    const django = await startDjango(settings)
    const database = shared.database ?? new DatabaseSync(file)
    const engine = shared.engine(database)
    const users = djangoUsers(database)
    const site = (): KeepsakeSite =>
      new KeepsakeSite(onEvent => djangoSessions<Data>({ secretKey, engine, onEvent, storeDeadline: '60s' }), users)
    sites = { django, keepsake: site(), another: site() }
  }, 120_000)

  afterAll(async () => {
    await sites?.django.stop()
    await shared?.close?.()
    rmSync(directory, { recursive: true, force: true })
  })

  return () => {
    if (!sites) throw new Error('the sites have not started')
    return sites
  }
}
