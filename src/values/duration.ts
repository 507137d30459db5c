import { KeepsakeError } from '../errors.ts'

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A length of time with its unit in it, so that seconds and milliseconds cannot be mistaken: `'30s'`, `'15m'`, `'2h'`, `'14d'`. */
export type Duration = `${number}${keyof typeof unitMs}`

/** Milliseconds of a duration. `what` names the option or the call in the error `DURATION_INVALID`. */
export function durationMs(text: Duration, what: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  if (!amount || !unit || Number(amount) === 0) {
    throw new KeepsakeError('DURATION_INVALID', `${what} is ${JSON.stringify(text) ?? String(text)}`)
  }
  return Number(amount) * unitMs[unit as keyof typeof unitMs]
}
