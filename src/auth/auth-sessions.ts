import type { SessionFacts } from '../session/codec.ts'
import type { RotateOptions } from '../session/session.ts'
import type { Carriage } from '../transport/transport.ts'
import type { Duration } from '../values/duration.ts'

/** What logging in and out needs of a session: its verbs, not its data. */
export interface AuthSession {
  readonly id: string | null
  readonly isLost: boolean
  readonly userId: string | null
  readonly facts: SessionFacts
  clear(): void
  rotate(options?: RotateOptions): void
  destroy(): void
  setExpiry(when: Duration | Date | 'browser' | 'default'): void
  commit(): Promise<void>
}

/** One session in a list, without its data. */
export interface AuthSessionInfo {
  readonly id: string
  readonly facts: SessionFacts
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
}

/** The sessions of `createSessions`. What their store cannot do is missing, and with it what is built on that. */
export interface AuthSessions {
  of(request: object): Promise<AuthSession>
  /** Missing: every session comes by itself, in a cookie. */
  carriageOf?(request: object): Carriage
  list?(userId: string): Promise<AuthSessionInfo[]>
  revoke?(id: string): Promise<void>
  revokeAll?(userId: string, options?: { except?: string }): Promise<unknown>
}
