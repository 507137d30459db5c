import type { Exchange } from '../adapters/exchange.ts'
import type { NotOpened, Opened } from '../engines/engine.ts'
import { readThroughSchema, type StandardSchema } from '../values/schema.ts'
import { type Awaitable, isPromise } from '../waiting/awaitable.ts'
import type { Contents } from './codec.ts'
import { isExpired } from './expiry.ts'
import { openOneOf } from './open-one-of.ts'
import { freshContents, newState, type SessionCore, type SessionState } from './state.ts'

/**
 * The session that a request leads to. Whatever a client sends gives a session, if need be an empty one and one
 * event; only a store that cannot answer throws.
 */
export async function openSession(core: SessionCore, exchange: Exchange): Promise<SessionState> {
  const { engine, settings } = core
  const values = settings.transport.values(exchange)
  const [value, another] = values
  if (value === undefined) return newState(null, freshContents(settings.now()), false)
  const answer = another === undefined ? engine.open(value) : openOneOf(core, values)
  const opened = found(core, isPromise(answer) ? await answer : answer)
  const read = opened && readContents(core, opened)
  const contents = isPromise(read) ? await read : read
  return newState(contents && opened, contents ?? freshContents(settings.now()), !contents)
}

function found({ settings }: SessionCore, opened: Opened | NotOpened | null): Opened | null {
  if (typeof opened !== 'string') return opened
  settings.report({ type: opened === 'malformed' ? 'cookie-malformed' : 'session-unknown' })
  return null
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
