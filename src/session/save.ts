import type { Opened } from '../engines/engine.ts'
import { KeepsakeError } from '../errors.ts'
import type { IndexValues, SessionRecord } from '../stores/store.ts'
import { type Contents, encodePayload } from './codec.ts'
import { cookieMaxAge, expiresAt, renewalDue } from './expiry.ts'
import { type Change, replay } from './journal.ts'
import { readContents } from './open.ts'
import { checkAgainstSchema } from './schema.ts'
import type { SessionCore, SessionState } from './state.ts'

/** What is known of the answer when a commit runs. */
export interface CommitMoment {
  /** The answer's status is 500 or more. */
  readonly failing: boolean
  /** The headers have not left, so a cookie can be set. */
  readonly cookiePossible: boolean
}

/** A record as it was read, and what is to take its place. */
interface Draft {
  readonly was: Opened
  readonly contents: Contents
}

/**
 * How often one commit is tried. Requests in this process wait for their turn, so only other processes collide. The pauses
 * add up to at most two seconds.
 */
const attempts = 40

/** Saves a session that has no record yet. */
export async function create(core: SessionCore, state: SessionState): Promise<void> {
  const journal = takeJournal(state)
  try {
    const opened = await core.engine.commit({ type: 'create', record: await toRecord(core, state.contents) })
    if (!opened) throw new KeepsakeError('SESSION_CONFLICT', 'a new id was already taken')
    settle(core, state, { was: null, contents: state.contents }, opened)
  } catch (error) {
    state.journal.unshift(...journal)
    throw error
  }
}

/**
 * Saves over the record that was read. When it is newer by now, reads it again, makes the journal's changes on that, and
 * tries again: no update is lost. When it is gone or over, the session has ended, and nothing brings it back.
 */
export async function saveOver(
  core: SessionCore,
  state: SessionState,
  plan: 'replace' | 'renew' | 'rotate',
  moment: CommitMoment,
): Promise<void> {
  const journal = takeJournal(state)
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

/** What this request read, with its changes made; null if that has been replaced since by a commit of its own. */
function firstDraft({ settings }: SessionCore, { opened, contents }: SessionState): Draft | null {
  const current = opened?.version != null && settings.now() < opened.expiresAt.getTime()
  return current ? { was: opened, contents } : null
}

/** What the store holds now, with the journal's changes made on it; null if that is nothing any more. */
async function newerDraft(
  core: SessionCore,
  state: SessionState,
  journal: readonly Change[],
): Promise<Draft | null> {
  const was = state.opened && (await core.engine.reopen(state.opened))
  const contents = was && (await readContents(core, was))
  if (!contents) return null
  replay(journal, contents)
  return { was, contents }
}

async function tryToSave(
  core: SessionCore,
  { was, contents }: Draft & { was: Opened },
  plan: 'replace' | 'renew' | 'rotate',
  { cookiePossible }: CommitMoment,
): Promise<Opened | null> {
  const { expiry, now } = core.settings
  const due = plan === 'rotate' || renewalDue(contents.meta, was.expiresAt.getTime(), expiry, now())
  // The end moves only together with the browser's cookie, so that neither outlives the other.
  if (due && cookiePossible) contents.meta = { ...contents.meta, seen: Math.max(contents.meta.seen, now()) }
  const record = await toRecord(core, contents)
  return core.engine.commit({ type: plan === 'rotate' ? 'rotate' : 'replace', was, record })
}

/** The encoding comes first and at once: what the program changes while this waits belongs to the next commit. */
async function toRecord({ settings }: SessionCore, contents: Contents): Promise<SessionRecord> {
  const { data, meta } = contents
  const record = {
    payload: encodePayload(contents, settings.codec),
    createdAt: new Date(meta.created),
    expiresAt: new Date(expiresAt(meta, settings.expiry)),
    index: indexValues(contents, settings.index),
  }
  if (settings.schema) await checkAgainstSchema(data, settings.schema)
  return record
}

function indexValues({ data, meta }: Contents, index: SessionCore['settings']['index']): IndexValues {
  const values: Record<string, string> = {}
  if (meta.user !== undefined) values.userId = meta.user
  for (const [name, compute] of Object.entries(index)) {
    const value = compute(data as never)
    if (value != null && typeof value !== 'string') {
      throw new KeepsakeError('OPTION_INVALID', `index.${name} gave a ${typeof value}, not a string`)
    }
    if (value != null) values[name] = value
  }
  return values
}

function takeJournal(state: SessionState): Change[] {
  const { journal } = state
  state.journal = []
  return journal
}

/** The state after a save: what was saved is now what is open, and what the browser must learn waits to be sent. */
function settle(
  { settings }: SessionCore,
  state: SessionState,
  { was, contents }: { was: Opened | null; contents: Contents },
  opened: Opened,
): void {
  const { value: token, maxAge } = { value: opened.cookieValue, maxAge: maxAgeOf(contents, settings) }
  const moved = was?.cookieValue !== token || was.expiresAt.getTime() !== opened.expiresAt.getTime()
  if (moved || state.expiryChosen) state.cookie = { value: token, maxAge }
  if (contents !== state.contents) replay(state.journal, contents)
  state.contents = contents
  state.opened = opened
  state.rotating = false
  state.expiryChosen = false
}

function maxAgeOf({ meta }: Contents, { expiry, now }: SessionCore['settings']): number | null {
  return cookieMaxAge(meta, expiry, now())
}

/** A request that only wanted to renew has lost nothing; one that wanted to change something is told. */
function endSession(
  { settings }: SessionCore,
  state: SessionState,
  plan: 'replace' | 'renew' | 'rotate',
): void {
  const id = state.opened?.id ?? ''
  state.ended = true
  state.opened = null
  settings.report({ type: 'session-ended', id })
  if (plan !== 'renew') throw new KeepsakeError('SESSION_ENDED', `session ${id}`)
}

/** Grows from about one to about sixty milliseconds, at random, so that processes that collided once part ways. */
function pause(attempt: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.random() * Math.min(2 ** attempt, 64)))
}
