import type { Opened, Step } from '../engines/engine.ts'
import { KeepsakeError } from '../errors.ts'
import { checkAgainstSchema } from '../values/schema.ts'
import { isPromise } from '../waiting/awaitable.ts'
import { pauseBeforeRetry } from '../waiting/pause-before-retry.ts'
import { type Contents, indexValues } from './codec.ts'
import { type CommitPlan, commitPlan } from './commit-plan.ts'
import { cookieMaxAge, expiresAt, renewalDue } from './expiry.ts'
import { replay } from './journal.ts'
import { readContents } from './open.ts'
import { deletedCookie, freshContents, noWishes, type SessionCore, type SessionState } from './state.ts'

/** What is known of the answer when a commit runs. */
export interface CommitMoment {
  /** The answer's status is 500 or more. */
  readonly failing: boolean
  /** The headers have not left, so a cookie can be set. */
  readonly cookiePossible: boolean
}

// The record that was read, null for a session that has none yet, and what is to take its place.
interface Draft {
  readonly was: Opened | null
  readonly contents: Contents
}

// A save that is to be made. `done` tells that it is.
interface Occasion {
  readonly plan: CommitPlan
  readonly moment: CommitMoment
  readonly done: () => void
}

// One save under way: what it was asked for, and the session as it stood then.
type Save = Occasion & Readonly<Pick<SessionState, 'wishes' | 'opened' | 'lives'>>

// How often a save is tried: only other processes collide, since those in this one wait for their turn. About two seconds of pauses.
const attempts = 64

/**
 * Makes durable what the request did to its session, and leaves the cookie to be set, if any, in the state. Undefined: that is
 * done, or there is nothing to do.
 */
export function commit(core: SessionCore, state: SessionState, moment: CommitMoment): Promise<void> | undefined {
  const plan = planFor(core, state, moment)
  if (plan === 'nothing') return undefined
  // There may be another to end, or the program may have begun another after the one that it ended.
  if (plan === 'destroy') return destroy(core, state).then(() => commit(core, state, moment))
  if (plan === 'renew' && isBeingRenewed(core, state)) return undefined
  const inPlace = (plan === 'replace' || plan === 'renew') && !core.engine.recordInCookie
  if (!inPlace && !moment.cookiePossible) throw new KeepsakeError('HEADERS_SENT')
  return core.turns.run(state.opened?.id ?? state, done => save(core, state, { plan, moment, done }))
}

/** Whether a commit would find nothing to do. */
export function isSettled(core: SessionCore, state: SessionState, moment: CommitMoment): boolean {
  return !state.ended && !state.cookie && planFor(core, state, moment) === 'nothing'
}

async function destroy({ engine }: SessionCore, state: SessionState): Promise<void> {
  const [ending] = state.destroyed
  if (ending) await engine.destroy(ending)
  state.destroyed.shift()
  state.cookie ??= deletedCookie
}

function planFor(core: SessionCore, state: SessionState, moment: CommitMoment): CommitPlan {
  const { opened, contents, wishes } = state
  const changed = wishes.journal.length > 0
  const destroyed = state.destroyed.length > 0
  const lost = state.ended && (changed || wishes.rotating)
  if (lost && !destroyed && !moment.failing) throw new KeepsakeError('SESSION_ENDED')
  return commitPlan({
    stored: opened !== null,
    destroyed,
    changed,
    rotating: wishes.rotating,
    worthKeeping: opened !== null || contents.meta.user !== undefined || Object.keys(contents.data).length > 0,
    renewalDue: !changed && isDue(core, { was: opened, contents }, moment),
    failing: moment.failing,
  })
}

// Of many requests that read a session on its renewal day, one renews it: the others would only learn that it is done.
function isBeingRenewed({ renewals, settings }: SessionCore, { opened }: SessionState): boolean {
  return !opened || !renewals.isFirst(`${opened.id} ${opened.expiresAt.getTime()}`, settings.now())
}

// The end moves only together with the browser's cookie, so that neither outlives the other.
function isDue({ settings }: SessionCore, { was, contents }: Draft, { cookiePossible }: CommitMoment): boolean {
  if (!was || contents.unread || !cookiePossible) return false
  return renewalDue(contents.meta, was.expiresAt.getTime(), settings.expiry, settings.now())
}

// Takes on what the program asked for so far, and saves it over the record that was read; what it asks for meanwhile is the next
// commit's. When the record is newer by now, reads it again, makes the journal's changes on that, and tries again: no update is
// lost. When it is gone or over, the session has ended, and nothing brings it back.
async function save(core: SessionCore, state: SessionState, occasion: Occasion): Promise<void> {
  const { engine, settings } = core
  const { plan, moment } = occasion
  const current: Save = { ...occasion, wishes: state.wishes, opened: state.opened, lives: state.lives }
  state.wishes = noWishes()
  state.cookieComing = plan === 'create'
  let draft = firstDraft(core, state)
  let now: Opened | null = null
  try {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      draft ??= await newerDraft(core, current)
      if (!draft) return endSession(core, state, current)
      if (plan === 'renew' && !isDue(core, draft, moment)) return
      const step = stepFor(core, draft, current)
      if (settings.schema) await checkAgainstSchema(draft.contents.data, settings.schema)
      const saving = engine.commit(step)
      now = isPromise(saving) ? await saving : saving
      if (now) return settle(core, state, current, draft, now)
      draft = null
      await pauseBeforeRetry(attempt)
    }
    throw new KeepsakeError('SESSION_CONFLICT', `gave up after ${attempts} attempts`)
  } catch (error) {
    // What was thrown after the save does not undo it.
    if (!now) giveBack(state, current)
    throw error
  } finally {
    state.cookieComing = false
  }
}

// What this request read, with its changes made; null if a commit of its own has replaced that since, or its time is over.
function firstDraft({ settings }: SessionCore, { opened: was, contents }: SessionState): Draft | null {
  return !was || (was.version !== null && settings.now() < was.expiresAt.getTime()) ? { was, contents } : null
}

// What the store holds now, with the journal's changes made on it; null if that is nothing any more.
async function newerDraft(core: SessionCore, { opened, wishes }: Save): Promise<Draft | null> {
  const was = opened && (await core.engine.reopen(opened))
  const contents = was && (await readContents(core, was))
  if (!contents) return null
  replay(wishes.journal, contents)
  return { was, contents }
}

function stepFor(core: SessionCore, draft: Draft, { plan, moment }: Save): Step {
  const { was, contents } = draft
  const { codec, format, expiry, index, scope, now } = core.settings
  const renewing = plan === 'rotate' || isDue(core, draft, moment)
  if (renewing) contents.meta = { ...contents.meta, seen: Math.max(contents.meta.seen, now()) }
  if (scope) contents.meta = { ...contents.meta, scope }
  const record = {
    payload: format.encode(contents, codec),
    createdAt: new Date(contents.meta.created),
    expiresAt: new Date(expiresAt(contents.meta, expiry)),
    index: indexValues(contents, index),
  }
  if (!was) return { type: 'create', record }
  return { type: plan === 'rotate' ? 'rotate' : 'replace', was, record }
}

// The state after a save: what was saved is what is open now, and what the browser has to learn waits to be sent.
function settle({ settings }: SessionCore, state: SessionState, current: Save, draft: Draft, opened: Opened): void {
  const { was, contents: saved } = draft
  if (state.lives !== current.lives) {
    // The program ended the session meanwhile, so what was just saved is to end as well.
    state.destroyed.push(opened)
    return void current.done()
  }
  const { cookieValue: value, expiresAt: end } = opened
  const contents: Contents = { ...saved, unread: false }
  if (current.wishes.expiryChosen || was?.cookieValue !== value || was.expiresAt.getTime() !== end.getTime()) {
    state.cookie = { value, maxAge: cookieMaxAge(contents.meta, settings.expiry, settings.now()) }
  }
  const sawMeanwhile = saved === state.contents
  // First of all, since a change that is made again may throw, and the save stands.
  Object.assign(state, { opened, contents })
  if (!sawMeanwhile) replay(state.wishes.journal, contents)
  current.done()
}

// What was not saved is still to be saved, unless the program has ended that session meanwhile.
function giveBack(state: SessionState, { wishes: given, lives }: Save): void {
  if (state.lives !== lives) return
  const { wishes } = state
  state.wishes = {
    journal: [...given.journal, ...wishes.journal],
    rotating: given.rotating || wishes.rotating,
    expiryChosen: given.expiryChosen || wishes.expiryChosen,
  }
}

/** Forgets what was not saved, and what it made of the data. */
export function dropWishes({ settings }: SessionCore, state: SessionState): void {
  const { opened } = state
  const kept = opened && settings.format.decode(opened.payload, settings.codec, opened.expiresAt.getTime())
  state.wishes = noWishes()
  state.contents = kept ?? freshContents(settings.now())
  // The next change is made on what the store holds then.
  if (opened) state.opened = { ...opened, version: null }
}

// A request that only renewed has lost nothing; one that changed something is told, and again at every commit.
function endSession({ settings }: SessionCore, state: SessionState, { plan, opened, lives }: Save): void {
  settings.report({ type: 'session-ended', id: opened?.id ?? '' })
  if (state.lives === lives) Object.assign(state, { ended: true, opened: null })
  if (plan !== 'renew') throw new KeepsakeError('SESSION_ENDED', `session ${opened?.id}`)
}
