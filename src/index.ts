export { createSessions } from './create-sessions.ts'
export type { Engine, NotOpened, Opened, Step } from './engines/engine.ts'
export { type ErrorCode, isKeepsakeError, type KeepsakeError } from './errors.ts'
export type { DataCodec } from './session/codec.ts'
export type { Duration } from './session/duration.ts'
export type { SessionEvent } from './session/event.ts'
export type { SessionCookieOptions, SessionOptions } from './session/options.ts'
export type { StandardSchema } from './session/schema.ts'
export type { RotateOptions, Session } from './session/session.ts'
export type { Sessions } from './session/sessions.ts'
export type { IndexedSessions, SessionInfo, SweptSessions } from './session/stored-sessions.ts'
export type { DeepReadonly } from './session/value.ts'
export type {
  ExpirySweep,
  IndexedRecord,
  IndexValues,
  SessionIndex,
  SessionRecord,
  SessionStore,
  StoredRecord,
} from './stores/store.ts'
