import { KeepsakeError } from '../../errors.ts'
import type { ExpiryChoice } from '../../session/expiry.ts'
import type { PythonValue } from '../python-value.ts'
import { djangoExpiry, expiryKey, isoText, latest, readExpiry } from '../session-expiry.ts'

/** What `_session_expiry` says, in the session layer's words. Undefined for none, and for what Django itself fails of. */
export function choiceIn(stored: PythonValue | undefined): ExpiryChoice | undefined {
  const expiry = readExpiry(stored)
  if (expiry?.type === 'at') return { type: 'at', ms: Math.floor(expiry.microseconds / 1000) }
  if (expiry?.type !== 'seconds' || !Number.isFinite(expiry.seconds)) return undefined
  return expiry.seconds === 0 ? { type: 'browser' } : { type: 'idle', ms: expiry.seconds * 1000 }
}

/**
 * What to keep as `_session_expiry`: what was there if it says the same, since dates of Python have microseconds. Throws
 * `VALUE_INVALID` for an end after Python's last date, of which Django would fail.
 */
export function expiryFor(
  choice: ExpiryChoice | undefined,
  was: PythonValue | undefined,
  seen: number,
): PythonValue | undefined {
  if (isSame(choice, choiceIn(was))) return was
  if (choice === undefined) return undefined
  if (choice.type === 'browser') return 0
  const end = choice.type === 'at' ? choice.ms : seen + choice.ms
  if (end * 1000 >= latest) {
    throw new KeepsakeError('VALUE_INVALID', "setExpiry was given an end after the year 9999, where Python's dates end")
  }
  return choice.type === 'idle' ? choice.ms / 1000 : isoText(choice.ms * 1000)
}

function isSame(one: ExpiryChoice | undefined, other: ExpiryChoice | undefined): boolean {
  const [a, b] = [one, other].map(choice => JSON.stringify(choice))
  return a === b
}

/** When a session ends that was saved then, in ms since 1970, for engines that store no end. */
export function endFrom(value: PythonValue | undefined, savedAt: number, idleMs: number): number {
  const stored = value instanceof Map ? value.get(expiryKey) : undefined
  const expiry = djangoExpiry(stored, { savedAt, cookieAge: idleMs / 1000 })
  return expiry ? Math.floor(expiry.endsAt / 1000) : savedAt + idleMs
}
