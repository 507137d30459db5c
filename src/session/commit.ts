import { type CommitPlan, commitPlan } from './commit-plan.ts'
import { renewalDue } from './expiry.ts'
import { type CommitMoment, create, saveOver } from './save.ts'
import { deletedCookie, type SessionCore, type SessionState } from './state.ts'

/** Makes durable what the request did to its session, and leaves the cookie to be set, if any, in the state. */
export async function commit(core: SessionCore, state: SessionState, moment: CommitMoment): Promise<void> {
  const plan = planFor(core, state, moment)
  if (plan === 'nothing') return
  if (plan === 'create') return create(core, state)
  if (plan === 'destroy') {
    await destroy(core, state)
    // The program may have begun another session after the one that it ended.
    return commit(core, state, moment)
  }
  return core.turns.run(state.opened?.id ?? '', () => saveOver(core, state, plan, moment))
}

function planFor({ settings }: SessionCore, state: SessionState, moment: CommitMoment): CommitPlan {
  const { opened, contents } = state
  if (state.ended && !state.destroyed) return 'nothing'
  const { expiry, now } = settings
  return commitPlan({
    stored: opened !== null,
    destroyed: state.destroyed !== null,
    changed: state.journal.length > 0,
    rotating: state.rotating,
    worthKeeping: contents.meta.user !== undefined || Object.keys(contents.data).length > 0,
    renewalDue:
      opened !== null &&
      moment.cookiePossible &&
      renewalDue(contents.meta, opened.expiresAt.getTime(), expiry, now()),
    failing: moment.failing,
  })
}

async function destroy({ engine }: SessionCore, state: SessionState): Promise<void> {
  if (state.destroyed) await engine.destroy(state.destroyed)
  state.destroyed = null
  state.cookie = deletedCookie
}
