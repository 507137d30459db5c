import type { Deadline } from '../waiting/deadline.ts'
import type { Engine } from './engine.ts'

/** The same engine, with the deadline on every call. */
export function withDeadline(engine: Engine, deadline: Deadline): Engine {
  return {
    recordInCookie: engine.recordInCookie ?? false,
    open: value => deadline.within(() => engine.open(value)),
    reopen: opened => deadline.within(() => engine.reopen(opened)),
    commit: step => deadline.within(() => engine.commit(step)),
    destroy: opened => deadline.within(() => engine.destroy(opened)),
  }
}
