import { KeepsakeError } from '../errors.ts'

/**
 * Throws `OPTION_INVALID` unless `object` has a function under each of these names: for programs without types, so that a
 * store that was not awaited fails at the start, and not at the first visitor.
 */
export function checkFunctions(what: string, object: unknown, names: readonly string[]): void {
  const missing = names.find(name => typeof (object as Record<string, unknown> | null)?.[name] !== 'function')
  if (missing) throw new KeepsakeError('OPTION_INVALID', `${what} has no function ${missing}`)
}
