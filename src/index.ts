export type { SessionCookieOptions } from './cookies/cookie-options.ts'
export { createSessions } from './create-sessions.ts'
export type { Engine, EngineSettings, NotOpened, Opened, Revocation, Step } from './engines/engine.ts'
export { type ErrorCode, isKeepsakeError, type KeepsakeError } from './errors.ts'
export type { SessionEvent } from './events.ts'
export type { RevocableSessions } from './revocable-sessions.ts'
export type { SessionFacts } from './session/codec.ts'
export type { SessionOptions } from './session/options.ts'
export type { RotateOptions, Session } from './session/session.ts'
export type { Sessions } from './session/sessions.ts'
export type { UpgradeRequest } from './session/upgrade-request.ts'
export type { UpgradeOptions, UpgradeSession, WatchOptions } from './session/upgrade-session.ts'
export type { IndexedSessions, SessionInfo, SweptSessions } from './stored-sessions.ts'
export type {
  ExpirySweep,
  IndexedRecord,
  IndexValues,
  SessionIndex,
  SessionRecord,
  SessionStore,
  StoredRecord,
} from './stores/store.ts'
export type { SweepOptions } from './sweep.ts'
export type { Duration } from './values/duration.ts'
export type { DeepReadonly } from './values/json-value.ts'
export type { DataCodec } from './values/kept-copy.ts'
export type { StandardSchema } from './values/schema.ts'
