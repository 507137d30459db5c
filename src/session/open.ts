import type { Exchange } from '../adapters/exchange.ts'
import type { NotOpened, Opened } from '../engines/engine.ts'
import { readThroughSchema, type StandardSchema } from '../values/schema.ts'
import { type Awaitable, whenThere } from '../waiting/awaitable.ts'
import type { Contents } from './codec.ts'
import { isExpired } from './expiry.ts'
import { openOneOf } from './open-one-of.ts'
import { freshContents, type SessionCore, SessionState } from './state.ts'

/**
 * The session that a request leads to. Whatever a client sends gives a session, if need be an empty one and one
 * event; only a store that cannot answer throws.
 */
export function openSession(core: SessionCore, exchange: Exchange): Awaitable<SessionState> {
  const values = core.settings.transport.values(exchange)
  const [value, another] = values
  if (value === undefined) return new SessionState(null, freshContents(core.settings.now()), false)
  const found = another === undefined ? core.engine.open(value) : openOneOf(core, values)
  return whenThere(found, one => stateFrom(core, one))
}

function stateFrom(core: SessionCore, found: Opened | NotOpened | null): Awaitable<SessionState> {
  const opened = typeof found === 'string' ? null : found
  const { report, now } = core.settings
  if (typeof found === 'string') report({ type: found === 'malformed' ? 'cookie-malformed' : 'session-unknown' })
  const read = opened && readContents(core, opened)
  return whenThere(read, live => new SessionState(live && opened, live ?? freshContents(now()), !live))
}

/** What the record holds, checked; null if its session is over. Corrupt records read as empty, and keep their place until something is written. */
export function readContents(core: SessionCore, opened: Opened): Awaitable<Contents | null> {
  const { codec, format, schema, expiry, scope, now, report } = core.settings
  const { id } = opened
  const end = opened.expiresAt.getTime()
  const contents = format.decode(opened.payload, codec, end) ?? { ...freshContents(now()), unread: true }
  if (isExpired(contents.meta, end, expiry, now())) {
    report({ type: 'session-expired', id })
    return null
  }
  if (contents.unread) {
    report({ type: 'record-corrupt', id })
    return contents
  }
  if ((contents.meta.scope ?? '') !== scope) {
    report({ type: 'session-unknown' })
    return null
  }
  return schema ? throughSchema(contents, schema, () => report({ type: 'schema-mismatch', id })) : contents
}

async function throughSchema(contents: Contents, schema: StandardSchema<object>, tell: () => void): Promise<Contents> {
  const data = await readThroughSchema(contents.data, schema)
  if (!data) tell()
  return { ...contents, data: data ?? {}, unread: !data }
}
