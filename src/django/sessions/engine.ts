import type { Engine } from '../../engines/engine.ts'
import type { SessionReading } from '../session-data.ts'
import type { SessionText } from './record-format.ts'

/** What an engine is told of the program's options. */
export interface DjangoSettings {
  readonly secrets: Pick<SessionReading, 'secretKey' | 'fallbacks' | 'legacy' | 'maxBytes'>
  readonly cookieName: string
  /** `SESSION_COOKIE_AGE`, in ms. */
  readonly idleMs: number
  /** The time in ms since 1970. */
  readonly now: () => number
}

/** One of Django's session engines, ready to be used: how sessions travel, and how their text is written. */
export interface OpenEngine {
  readonly engine: Engine
  readonly text: SessionText
}

/** One of Django's session engines: `dbEngine`, `cacheEngine`, `cachedDbEngine`, `fileEngine` or `signedCookiesEngine`. */
export type DjangoEngine = (settings: DjangoSettings) => OpenEngine
