import type { Engine, Revocation } from './engines/engine.ts'
import type { SweptRevocation } from './engines/revocations.ts'
import type { Session } from './session/session.ts'
import { Sessions } from './session/sessions.ts'
import type { SessionCore } from './session/state.ts'
import { StoredSessions, type SweptSessions } from './stored-sessions.ts'
import { checkText } from './values/check-text.ts'
import type { Deadline } from './waiting/deadline.ts'

/** Sessions that rest in their cookies, and whose end is noted in a store. */
export class RevocableSessions<Data extends object> extends Sessions<Data> {
  readonly #revocation: Revocation
  readonly #deadline: Deadline

  constructor(core: SessionCore, engine: Engine & (Revocation | SweptRevocation), deadline: Deadline) {
    super(core)
    this.#revocation = engine
    this.#deadline = deadline
    if (mustBeSwept(engine)) Object.assign(this, sweepOf(new StoredSessions(core, engine.revocations, deadline)))
  }

  /** Ends the session with this id. It holds from the next request on, for every copy of its cookie. */
  async revoke(id: string): Promise<void> {
    checkText('id', id)
    return this.#deadline.within(() => this.#revocation.revoke(id))
  }

  /** Ends all sessions of a user, but for one. It holds from the next request on. How many there were is not known. */
  async revokeAll(userId: string, { except }: { except?: Session<Data> | string } = {}): Promise<void> {
    checkText('userId', userId)
    const spared = typeof except === 'object' ? (except.id ?? undefined) : except
    return this.#deadline.within(() => this.#revocation.revokeAll(userId, spared))
  }
}

/** A store that forgets by itself has nothing to sweep, and an engine of the program's own may keep its notes elsewhere. */
function mustBeSwept(engine: Revocation | SweptRevocation): engine is SweptRevocation {
  return 'revocations' in engine && typeof engine.revocations?.deleteExpired === 'function'
}

/** Notes of ended sessions lie in their store as sessions do, and are swept as those. */
function sweepOf(notes: SweptSessions): SweptSessions {
  return {
    clearExpired: options => notes.clearExpired(options),
    clearExpiredEvery: (interval, options) => notes.clearExpiredEvery(interval, options),
  }
}
