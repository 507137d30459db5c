import { KeepsakeError } from '../../errors.ts'
import type { Contents, RecordFormat } from '../../session/codec.ts'
import { toPlain, withTypesOf } from '../plain-value.ts'
import type { PythonDict, PythonKey, PythonValue } from '../python-value.ts'
import { authKeys } from '../session-auth.ts'
import { expiryKey } from '../session-expiry.ts'
import { choiceIn, expiryFor } from './expiry-choice.ts'
import { hiddenKeys, userIn, userValues } from './user-facts.ts'

/** How an engine of Django writes a session: as signed text, or as a pickle. */
export interface SessionText {
  write(value: PythonValue): string
  /** Undefined for what cannot be read or is not to be believed. Never throws. */
  read(text: string): PythonValue | undefined
}

/** What the format needs of the program's options. */
export interface FormatSettings {
  readonly text: SessionText
  /** `SESSION_COOKIE_AGE`, in ms. */
  readonly idleMs: number
  /** The backend that logins of this side are by, and all whose logins count. */
  readonly backend: string
  readonly backends: readonly string[]
  readonly unreadable: 'refuse' | 'replace'
}

/**
 * The sessions of Django as the session layer has them: who is logged in, and when it ends, stand apart from the data. What the
 * program leaves alone is written as it was read, in its order and with its types.
 *
 * Django does not store when a session was last used, so it follows from its end.
 */
export function djangoFormat({ text, idleMs, backend, backends, unreadable }: FormatSettings): RecordFormat {
  return {
    decode(payload, _, end): Contents {
      const source = payload === '' ? new Map() : text.read(payload)
      if (!isDict(source)) return { data: {}, meta: { created: end - idleMs, seen: end - idleMs }, unread: true }
      const expiry = choiceIn(source.get(expiryKey))
      const seen = end - (expiry?.type === 'idle' ? expiry.ms : idleMs)
      const get = (key: string): unknown => toPlain(source.get(key) ?? null)
      return { data: dataIn(source), meta: { created: seen, seen, expiry, ...userIn(get, seen, backends) }, source }
    },

    encode({ data, meta, source, unread }): string {
      if (unread && unreadable === 'refuse') throw new KeepsakeError('RECORD_UNREADABLE')
      const was = isDict(source) ? withoutAnothers(source, meta.user) : new Map<PythonKey, PythonValue>()
      const expiry = expiryFor(meta.expiry, was.get(expiryKey), meta.seen)
      const hidden = { ...userValues(meta, backend, was), [expiryKey]: expiry }
      for (const key of hiddenKeys) if (Object.hasOwn(data, key)) throw reserved(key)
      return text.write(withTypesOf(was, { ...data, ...defined(hidden) }))
    },
  }
}

function dataIn(source: PythonDict): Record<string, unknown> {
  const data = toPlain(source) as Record<string, unknown>
  for (const key of hiddenKeys) delete data[key]
  return data
}

/** What a program cannot see, it cannot clear: it goes with the user whose it was. */
function withoutAnothers(source: PythonDict, user: string | undefined): PythonDict {
  const id = source.get(authKeys.id)
  if (id === undefined || String(id) === user) return source
  return new Map([...source].filter(([key]) => key !== '__proto__'))
}

/** A program that could write these could log anybody in. */
function reserved(key: string): KeepsakeError {
  return new KeepsakeError('VALUE_INVALID', `${key} is Django's own: use djangoLogin, rotate, destroy or setExpiry`)
}

function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function isDict(value: unknown): value is PythonDict {
  return value instanceof Map
}
