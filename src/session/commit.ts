import type { Opened } from '../engines/engine.ts'
import { KeepsakeError } from '../errors.ts'
import { checkAgainstSchema } from '../values/schema.ts'
import { type Contents, encodePayload, indexValues } from './codec.ts'
import { type CommitPlan, commitPlan } from './commit-plan.ts'
import { cookieMaxAge, expiresAt, renewalDue } from './expiry.ts'
import { type Change, replay } from './journal.ts'
import { readContents } from './open.ts'
import { deletedCookie, type SessionCore, type SessionState } from './state.ts'

/** What is known of the answer when a commit runs. */
export interface CommitMoment {
  /** The answer's status is 500 or more. */
  readonly failing: boolean
  /** The headers have not left, so a cookie can be set. */
  readonly cookiePossible: boolean
}

/** The record that was read, null for a session that has none yet, and what is to take its place. */
interface Draft {
  readonly was: Opened | null
  readonly contents: Contents
}

/** How often a save is tried: only other processes collide, since those in this one wait for their turn. Up to two seconds of pauses. */
const attempts = 40

/** Makes durable what the request did to its session, and leaves the cookie to be set, if any, in the state. */
export async function commit(core: SessionCore, state: SessionState, moment: CommitMoment): Promise<void> {
  const plan = planFor(core, state, moment)
  if (plan === 'nothing') return
  if (plan !== 'destroy')
    return core.turns.run(state.opened?.id ?? state, () => save(core, state, plan, moment))
  if (state.destroyed) await core.engine.destroy(state.destroyed)
  state.destroyed = null
  state.cookie = deletedCookie
  // The program may have begun another session after the one that it ended.
  return commit(core, state, moment)
}

function planFor(core: SessionCore, state: SessionState, moment: CommitMoment): CommitPlan {
  const { opened, contents, ended, destroyed } = state
  if (ended && !destroyed) return 'nothing'
  return commitPlan({
    stored: opened !== null,
    destroyed: destroyed !== null,
    changed: state.journal.length > 0,
    rotating: state.rotating,
    worthKeeping: contents.meta.user !== undefined || Object.keys(contents.data).length > 0,
    renewalDue: isDue(core, { was: opened, contents }, moment),
    failing: moment.failing,
  })
}

/** The end moves only together with the browser's cookie, so that neither outlives the other. */
function isDue(
  { settings }: SessionCore,
  { was, contents }: Draft,
  { cookiePossible }: CommitMoment,
): boolean {
  if (!was || !cookiePossible) return false
  return renewalDue(contents.meta, was.expiresAt.getTime(), settings.expiry, settings.now())
}

/**
 * Saves over the record that was read. When it is newer by now, reads it again, makes the journal's changes on that, and
 * tries again: no update is lost. When it is gone or over, the session has ended, and nothing brings it back.
 */
async function save(
  core: SessionCore,
  state: SessionState,
  plan: CommitPlan,
  moment: CommitMoment,
): Promise<void> {
  const { journal } = state
  // What the program changes while this waits is the next commit's.
  state.journal = []
  try {
    let draft = firstDraft(core, state)
    for (let attempt = 1; attempt <= attempts; attempt++) {
      draft ??= await newerDraft(core, state, journal)
      if (!draft) return endSession(core, state, plan)
      const opened = await tryToSave(core, draft, plan, moment)
      if (opened) return settle(core, state, draft, opened)
      draft = null
      await pause(attempt)
    }
    throw new KeepsakeError('SESSION_CONFLICT', `gave up after ${attempts} attempts`)
  } catch (error) {
    if (!state.ended) state.journal.unshift(...journal)
    throw error
  }
}

/** What this request read, with its changes made; null if a commit of its own has replaced that since, or its time is over. */
function firstDraft({ settings }: SessionCore, { opened: was, contents }: SessionState): Draft | null {
  return !was || (was.version !== null && settings.now() < was.expiresAt.getTime()) ? { was, contents } : null
}

/** What the store holds now, with the journal's changes made on it; null if that is nothing any more. */
async function newerDraft(
  core: SessionCore,
  state: SessionState,
  journal: readonly Change[],
): Promise<Draft | null> {
  if (!state.opened) return { was: null, contents: state.contents }
  const was = await core.engine.reopen(state.opened)
  const contents = was && (await readContents(core, was))
  if (!contents) return null
  replay(journal, contents)
  return { was, contents }
}

async function tryToSave(
  core: SessionCore,
  draft: Draft,
  plan: CommitPlan,
  moment: CommitMoment,
): Promise<Opened | null> {
  const { was, contents } = draft
  const { codec, expiry, index, schema, now } = core.settings
  const renewing = isDue(core, draft, moment) || plan === 'rotate'
  if (renewing) contents.meta = { ...contents.meta, seen: Math.max(contents.meta.seen, now()) }
  const record = {
    payload: encodePayload(contents, codec),
    createdAt: new Date(contents.meta.created),
    expiresAt: new Date(expiresAt(contents.meta, expiry)),
    index: indexValues(contents, index),
  }
  if (schema) await checkAgainstSchema(contents.data, schema)
  if (!was) return core.engine.commit({ type: 'create', record })
  return core.engine.commit({ type: plan === 'rotate' ? 'rotate' : 'replace', was, record })
}

/** The state after a save: what was saved is what is open now, and what the browser has to learn waits to be sent. */
function settle(
  { settings }: SessionCore,
  state: SessionState,
  { was, contents }: Draft,
  opened: Opened,
): void {
  const { cookieValue: value, expiresAt: end } = opened
  if (state.expiryChosen || was?.cookieValue !== value || was.expiresAt.getTime() !== end.getTime()) {
    state.cookie = { value, maxAge: cookieMaxAge(contents.meta, settings.expiry, settings.now()) }
  }
  if (contents !== state.contents) replay(state.journal, contents)
  Object.assign(state, { contents, opened, rotating: false, expiryChosen: false })
}

/** A request that only renewed has lost nothing; one that changed something is told. */
function endSession({ settings }: SessionCore, state: SessionState, plan: CommitPlan): void {
  const id = state.opened?.id ?? ''
  Object.assign(state, { ended: true, opened: null })
  settings.report({ type: 'session-ended', id })
  if (plan !== 'renew') throw new KeepsakeError('SESSION_ENDED', `session ${id}`)
}

/** Grows from about one to about sixty milliseconds, at random, so that processes that collided once part ways. */
function pause(attempt: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 64)))
}
