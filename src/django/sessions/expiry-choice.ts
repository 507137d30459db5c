import type { ExpiryChoice } from '../../session/expiry.ts'
import { PythonFloat, type PythonValue } from '../python-value.ts'
import { expiryKey, isoMicroseconds, isoText } from '../session-expiry.ts'

/** What `_session_expiry` says, in the session layer's words. Undefined for none, and for what Django itself fails of. */
export function choiceIn(stored: PythonValue | undefined): ExpiryChoice | undefined {
  const value = stored instanceof PythonFloat ? stored.value : stored
  if (typeof value === 'string') {
    const end = isoMicroseconds(value)
    return end === undefined ? undefined : { type: 'at', ms: Math.floor(end / 1000) }
  }
  if (value === 0 || value === false) return { type: 'browser' }
  return typeof value === 'number' && Number.isFinite(value) ? { type: 'idle', ms: value * 1000 } : undefined
}

/** What to keep as `_session_expiry`: what was there if it says the same, since dates of Python have microseconds. */
export function expiryFor(choice: ExpiryChoice | undefined, was: PythonValue | undefined): PythonValue | undefined {
  if (isSame(choice, choiceIn(was))) return was
  if (choice?.type === 'browser') return 0
  if (choice?.type === 'idle') return choice.ms / 1000
  return choice && isoText(choice.ms * 1000)
}

function isSame(one: ExpiryChoice | undefined, other: ExpiryChoice | undefined): boolean {
  const [a, b] = [one, other].map(choice => JSON.stringify(choice))
  return a === b
}

/** When a session ends that was saved then, in ms since 1970, for engines that store no end. */
export function endFrom(value: PythonValue | undefined, savedAt: number, idleMs: number): number {
  const choice = value instanceof Map ? choiceIn(value.get(expiryKey)) : undefined
  if (choice?.type === 'at') return choice.ms
  return savedAt + (choice?.type === 'idle' ? choice.ms : idleMs)
}
