import { KeepsakeError } from '../errors.ts'
import type { SessionRecord, SessionStore, StoredRecord } from './store.ts'

/** The part of a client of the package `memcache-client` that a store uses. */
export interface MemcachedClient {
  gets(key: string): Promise<{ readonly value: unknown; readonly casUniq: string | number } | undefined>
  add(key: string, value: string, options: Lifetime): Promise<unknown>
  replace(key: string, value: string, options: Lifetime): Promise<unknown>
  cas(key: string, value: string, options: Lifetime & { casUniq: string }): Promise<unknown>
  delete(key: string): Promise<unknown>
  cmd(line: string): Promise<unknown>
  readonly options: { readonly server: unknown }
}

type Lifetime = { readonly lifetime: number }

/** Options of `memcachedStore`. */
export interface MemcachedStoreOptions {
  /** What the names of all keys begin with. @default 'keepsake:' */
  readonly prefix?: string
  /** The longest record in bytes. Raise it together with the server's own limit, `memcached -I`. @default 1_000_000 */
  readonly maxBytes?: number
  /** Gets, once, that a user's session rests where it may vanish at any time. @default console.warn */
  readonly onWarning?: (warning: string) => void
}

/**
 * Keeps records in Memcached, through your own client of the package `memcache-client`. Memcached forgets: everything when it
 * restarts, and any record at any time when its memory is full. `docs/stores/memcached.md` has the details.
 *
 * @example
 * import { MemcacheClient } from 'memcache-client'
 * const store = memcachedStore(new MemcacheClient({ server: 'localhost:11211' }))
 */
export function memcachedStore(client: MemcachedClient, options: MemcachedStoreOptions = {}): SessionStore {
  const { prefix = 'keepsake:', maxBytes = 1_000_000, onWarning = console.warn } = options
  checkClient(client)
  checkPrefix(prefix)
  const keyOf = (id: string): string => prefix + checkedId(id)
  const warn = warnOnce(onWarning)
  const textFor = (id: string, record: SessionRecord): string => {
    if (record.index.userId !== undefined) warn()
    return checkedSize(`${id} ${record.expiresAt.getTime()} ${record.payload}`, maxBytes)
  }

  return {
    async read(id): Promise<StoredRecord | null> {
      const key = keyOf(id)
      const gets = (): ReturnType<MemcachedClient['gets']> => client.gets(key)
      // Once more, since the client gives up what was under way when a connection breaks.
      const item = await gets().catch(gets)
      return item ? recordIn(String(item.value), id, String(item.casUniq)) : null
    },

    create: async (id, record) => isDone(client.add(keyOf(id), textFor(id, record), lifetimeOf(record))),

    async replace(was, id, record): Promise<boolean> {
      // No version of another form came from here: it is of no record, and must not reach the protocol.
      if (!/^\d+$/.test(was.version)) return false
      const text = textFor(id, record)
      const casUniq = was.version
      if (id === was.id) return isDone(client.cas(keyOf(id), text, { ...lifetimeOf(record), casUniq }))
      // Memcached changes one key at a time. So the new id is reserved first, then exactly the record that was read is removed,
      // then the new one is stored: never are both there, and whoever dies before the end leaves neither.
      if (!(await isDone(client.add(keyOf(id), `${id} - `, { lifetime: graceSeconds })))) return false
      if (await isDone(client.cas(keyOf(was.id), '', { lifetime: alreadyOver, casUniq }))) {
        return isDone(client.replace(keyOf(id), text, lifetimeOf(record)))
      }
      await isDone(client.delete(keyOf(id)))
      return false
    },

    async delete(id): Promise<void> {
      await isDone(client.delete(keyOf(id)))
    },
  }
}

/** A record lives a minute longer than its session, so that machines whose clocks differ by less agree on who is logged in. */
const graceSeconds = 60

/** A lifetime below zero is over at once: with `cas`, this removes exactly one version of a record. */
const alreadyOver = -1

/** Memcached takes more than 30 days for a date, in seconds since 1970, and 0 for no end. */
function lifetimeOf({ expiresAt }: SessionRecord): Lifetime {
  const now = Date.now() / 1000
  const end = Math.ceil(Math.max(expiresAt.getTime() / 1000, now) + graceSeconds)
  const left = Math.ceil(end - now)
  if (left <= 30 * 24 * 3600) return { lifetime: left }
  return { lifetime: end < 2 ** 31 ? end : 0 }
}

/**
 * The record in a text, `<id> <expiry> <payload>`; null if it is none, as in a reservation. Throws for the record of another id: a
 * client whose replies have come out of step must not log one visitor in as another (CVE-2023-28858).
 */
function recordIn(text: string, id: string, version: string): StoredRecord | null {
  if (version === '0') throw new Error('This Memcached cannot compare before it stores: start it without -C')
  const [head, owner, expiry] = /^([\w-]{43}) (-?\d+) /.exec(text) ?? []
  if (!head) return null
  if (owner !== id) throw new Error(`Memcached was asked for session ${id} and answered with ${owner}`)
  return { payload: text.slice(head.length), version, expiresAt: new Date(Number(expiry)) }
}

/** Whether the server did it; false if what it was to be done to is gone, newer or in the way. */
async function isDone(reply: Promise<unknown>): Promise<boolean> {
  try {
    await reply
    return true
  } catch (error) {
    if (error instanceof Error && /^(NOT_STORED|EXISTS|NOT_FOUND)$/.test(error.message)) return false
    throw error
  }
}

/** A key with a blank or a line break in it would be another command. */
function checkedId(id: string): string {
  if (/^[\w-]{43}$/.test(id)) return id
  throw new Error(`${JSON.stringify(id)} is no session id: that is 43 characters of base64url`)
}

/** What the server refuses as too large it also removes, with what was there before. */
function checkedSize(text: string, maxBytes: number): string {
  const bytes = Buffer.byteLength(text)
  if (bytes <= maxBytes) return text
  throw new KeepsakeError('SESSION_TOO_LARGE', `its record has ${bytes} bytes, maxBytes is ${maxBytes}`)
}

function checkClient(client: MemcachedClient): void {
  if (typeof client?.gets !== 'function' || typeof client.cmd !== 'function') {
    throw invalid(
      'its first argument is no MemcacheClient of the package memcache-client; others, such as memcache, cannot compare before they store, or answer "nothing there" when the server is down',
    )
  }
  const { server } = client.options
  if (typeof server === 'object' && server !== null && 'servers' in server) {
    throw invalid('this client takes any one of its servers for each command; give it one server')
  }
}

function checkPrefix(prefix: string): void {
  if (!/^[!-~]{0,200}$/.test(prefix)) {
    throw invalid(`prefix ${JSON.stringify(prefix)} is not up to 200 printable ASCII characters without blanks`)
  }
}

function warnOnce(onWarning: (warning: string) => void): () => void {
  let isWarned = false
  return () => {
    if (isWarned) return
    isWarned = true
    onWarning(
      'Keepsake: users are logged in with sessions in Memcached, which drops them when it restarts and when its memory is full. Put it before a database, as the cache of cachedStore, or use a store that keeps what it was given.',
    )
  }
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `memcachedStore: ${what}`)
}
