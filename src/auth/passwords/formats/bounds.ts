import { KeepsakeError } from '../../../errors.ts'

/**
 * The longest text that is looked at. Whoever can write a stored hash (a restored dump, an import) must not be able to let a
 * login take a minute or all memory: each format has bounds, and what exceeds them is no hash.
 */
export const longestHash = 512

/** At most 256 MiB for one hash. */
export const mostMemory: number = 256 * 1024 * 1024

/** Fewer bytes would let strangers in by chance (none: everybody); more are nobody's. */
export const isHashLength = ({ length }: Buffer): boolean => length >= 16 && length <= 64

export const isSaltLength = ({ length }: Buffer): boolean => length >= 1 && length <= 128

export const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most

/** A parameter as text: a decimal number with no sign, no leading zero and at most eight digits, or NaN. */
export const parameter = (text: string | undefined): number =>
  text !== undefined && /^[1-9]\d{0,7}$/.test(text) ? Number(text) : Number.NaN

/** What a hasher says about its parameters. */
interface Verdict {
  readonly possible: boolean
  readonly strong: boolean
  readonly minimum: string
}

/** Bad parameters do not start. Too large: what would be written could not be verified. Too weak: unless it is spelled out. */
export function checkParameters(
  format: string,
  parameters: Readonly<Record<string, unknown>>,
  options: WeakOption,
  { possible, strong, minimum }: Verdict,
): void {
  const unknown = Object.keys(options).find(name => name !== 'weak' && !Object.hasOwn(parameters, name))
  if (unknown) throw new KeepsakeError('OPTION_INVALID', `${unknown} is not an option of ${format}`)
  const what = `${format} with ${JSON.stringify(parameters)}`
  if (!possible) throw new KeepsakeError('OPTION_INVALID', `${what} is outside of what can be verified`)
  if (strong || options.weak === true) return
  throw new KeepsakeError('OPTION_INVALID', `${what} is weaker than ${minimum}; for tests add weak: true`)
}

/** What every hasher's options may say. */
export interface WeakOption {
  /** Accepts parameters below OWASP's minimum: for tests, or to share hashes with an old Django. @default false */
  readonly weak?: boolean
}
