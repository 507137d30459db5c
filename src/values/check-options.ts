import { KeepsakeError } from '../errors.ts'

/** A misspelt option would otherwise be a default that nobody chose. `prefix` is what stands before the names, such as `cookie.`. */
export function refuseUnknown(options: object, names: readonly string[], prefix: string): void {
  const unknown = Object.keys(options).find(name => !names.includes(name))
  if (unknown) throw invalidOption(`${prefix}${unknown}`, `is not an option; the options are ${names.join(', ')}`)
}

/** The error of an option that has a wrong value. */
export function invalidOption(option: string, what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `${option} ${what}`)
}

/**
 * Throws `OPTION_INVALID` unless `object` has a function under each of these names: a store that was not awaited fails at the
 * start, and not at the first visitor.
 */
export function checkFunctions(what: string, object: unknown, names: readonly string[]): void {
  const missing = names.find(name => typeof (object as Record<string, unknown> | null)?.[name] !== 'function')
  if (missing) throw new KeepsakeError('OPTION_INVALID', `${what} has no function ${missing}`)
}
