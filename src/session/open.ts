import type { Exchange } from '../adapters/exchange.ts'
import type { Opened } from '../engines/engine.ts'
import { readThroughSchema } from '../values/schema.ts'
import { type Contents, decodePayload } from './codec.ts'
import { isExpired } from './expiry.ts'
import { freshContents, noWishes, type SessionCore, type SessionState } from './state.ts'

/**
 * The session that a request leads to. Whatever a client sends gives a session, if need be an empty one and one
 * event; only a store that cannot answer throws.
 */
export async function openSession(core: SessionCore, exchange: Exchange): Promise<SessionState> {
  const opened = await openValue(core, exchange)
  const contents = opened ? await readContents(core, opened) : freshContents(core.settings.now())
  return {
    opened: contents && opened,
    destroyed: [],
    contents: contents ?? freshContents(core.settings.now()),
    ...{ wishes: noWishes(), revision: 0, lives: 0, cookieComing: false, ended: false, cookie: null },
  }
}

async function openValue({ engine, settings }: SessionCore, exchange: Exchange): Promise<Opened | null> {
  const values = settings.transport.values(exchange)
  const [value] = values
  if (value === undefined) return null
  if (values.length > 1) {
    settings.report({ type: 'cookie-duplicate', count: values.length })
    return null
  }
  const opened = await engine.open(value)
  if (typeof opened !== 'string') return opened
  settings.report({ type: opened === 'malformed' ? 'cookie-malformed' : 'session-unknown' })
  return null
}

/** What the record holds, checked; null if its session is over. Corrupt records read as empty, and keep their place until something is written. */
export async function readContents(core: SessionCore, opened: Opened): Promise<Contents | null> {
  const { codec, schema, expiry, scope, now, report } = core.settings
  const { id } = opened
  const contents = decodePayload(opened.payload, codec)
  const times = contents?.meta ?? freshContents(now()).meta
  if (isExpired(times, opened.expiresAt.getTime(), expiry, now())) {
    report({ type: 'session-expired', id })
    return null
  }
  if (!contents) {
    report({ type: 'record-corrupt', id })
    return { ...freshContents(now()), unread: true }
  }
  if ((contents.meta.scope ?? '') !== scope) {
    report({ type: 'session-unknown' })
    return null
  }
  const data = await readThroughSchema(contents.data, schema)
  if (data) return { data, meta: contents.meta }
  report({ type: 'schema-mismatch', id })
  return { data: {}, meta: contents.meta, unread: true }
}
