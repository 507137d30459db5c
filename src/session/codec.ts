import { KeepsakeError } from '../errors.ts'
import type { IndexValues } from '../stores/store.ts'
import { hasProtoKey } from '../values/json-value.ts'
import type { DataCodec } from '../values/kept-copy.ts'
import type { ExpiryChoice, SessionTimes } from './expiry.ts'
import type { SessionSettings } from './options.ts'

/** How a session came to belong to its user: when, by what proof, from which device. Set under a new token only. */
export type SessionFacts = Readonly<Record<string, string | number | boolean>>

/** What the session layer itself knows of a session. Program data cannot reach it. */
export interface Meta extends SessionTimes {
  /** The user to whom the session belongs, if any. */
  readonly user?: string | undefined
  /** What is known of how the user came to have this session. */
  readonly facts?: SessionFacts | undefined
  /** The cookie name that the program chose: what was opened under one is no session under another (CVE-2022-46170). */
  readonly scope?: string | undefined
}

/** All that a record's payload holds. */
export interface Contents {
  data: Record<string, unknown>
  meta: Meta
  /** The record holds something else, which could not be read: only what the program changes may take its place. */
  readonly unread?: boolean | undefined
  /** What the format read, so that it can write as it was what the program left alone. */
  readonly source?: unknown
}

/** How contents are written to a record, and read from it. `keepsake/django` has another one than Keepsake's own. */
export interface RecordFormat {
  encode(contents: Contents, codec?: DataCodec): string
  /** Null if it is corrupt. Never throws. `end` is when the record's session ends, in ms since 1970. */
  decode(payload: string, codec: DataCodec | undefined, end: number): Contents | null
}

/** Written to every payload, so that a later version can tell. A payload of a version that is not ours is not touched. */
const version = 1

/** The payload of contents: `{"v":1,"d":{…data},"m":{…facts}}`; with another codec, `d` is that codec's text. */
export function encodePayload({ data, meta }: Contents, codec?: DataCodec): string {
  return JSON.stringify({ v: version, d: codec ? codec.stringify(data) : data, m: meta })
}

/** The contents of a payload; null if it is corrupt, of another version, or hides a `__proto__` key. Never throws. */
export function decodePayload(payload: string, codec?: DataCodec): Contents | null {
  try {
    const parsed: unknown = JSON.parse(payload)
    if (!isObject(parsed) || hasProtoKey(parsed, payload)) return null
    const { v, d, m } = parsed
    const data = codec && typeof d === 'string' ? codec.parse(d) : d
    return v === version && isObject(data) && isMeta(m) ? { data, meta: m } : null
  } catch {
    return null
  }
}

export const ownFormat: RecordFormat = { encode: encodePayload, decode: decodePayload }

/** The values to find a record by: whose it is, and what the `index` option computes. */
export function indexValues({ data, meta }: Contents, index: SessionSettings['index']): IndexValues {
  const values: Record<string, string> = meta.user === undefined ? {} : { userId: meta.user }
  for (const [name, compute] of Object.entries(index)) {
    const value: unknown = compute(data as never)
    if (typeof value === 'string') values[name] = value
    else if (value != null)
      throw new KeepsakeError('OPTION_INVALID', `index.${name} gave a ${typeof value}, not a string`)
  }
  return values
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'

function isMeta(value: unknown): value is Meta {
  if (!isObject(value)) return false
  const { created, seen, user, scope, facts, expiry } = value
  if (!Number.isFinite(created) || !Number.isFinite(seen) || !isText(user) || !isText(scope)) return false
  return (facts === undefined || isObject(facts)) && (expiry === undefined || isChoice(expiry))
}

const isChoice = (value: unknown): value is ExpiryChoice =>
  isObject(value) && (value.type === 'browser' || Number.isFinite(value.ms))
