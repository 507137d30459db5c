import { randomBytes } from 'node:crypto'
import type { SessionFacts } from '../session/codec.ts'

/** What a session keeps of the login that opened it. */
export interface LoginFacts {
  /** When the user last proved who they are, in ms since 1970. A remembered visitor has not proved it again. */
  readonly at: number
  /** The user's `sessionsValidFrom` when they proved who they are: the login is void once that is greater. */
  readonly since: number
  /** By what: `password`, or the name that the program gave to `auth.login`. */
  readonly how: string
  /** Ties the session to the password. */
  readonly authHash: string
  readonly browser: string
  readonly system: string
  /** The network that the login came from, without the machine. */
  readonly network: string
  /** Stays the same through every new token of this login: who logs out ends it under whichever it has by then. */
  readonly loginId?: string
  /** Greater than that of each login of the user before it, whatever the clocks say. A login without it goes by when its session began. */
  readonly order?: number
  /** The family of remember cookies by which the browser came back, or that was begun with this login. */
  readonly family?: string
  /** The browser came back by itself: nobody typed a password. */
  readonly remembered?: true
}

/** A name for a login. No secret: it is seen in lists, and lets nobody in. */
export function newLoginId(): string {
  return randomBytes(16).toString('base64url')
}

export function toFacts(facts: LoginFacts): SessionFacts {
  return { ...facts }
}

/** The facts of a session that a login opened; null for one that was given to its user in another way. */
export function fromFacts(facts: SessionFacts): LoginFacts | null {
  const { at, since, how, authHash, browser, system, network, loginId, order, family, remembered } = facts
  if (typeof at !== 'number' || typeof since !== 'number' || typeof how !== 'string' || typeof authHash !== 'string')
    return null
  return {
    ...{ at, since, how, authHash, browser: text(browser), system: text(system), network: text(network) },
    ...(typeof loginId === 'string' && { loginId }),
    ...(typeof order === 'number' && { order }),
    ...(typeof family === 'string' && { family }),
    ...(remembered === true && { remembered }),
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
