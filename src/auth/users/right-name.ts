import { KeepsakeError } from '../../errors.ts'

/** Refuses a name of a group or a permission that not every store could keep. The program chose it: this is no form's mistake. */
export function checkRightName(what: 'group' | 'permission', name: unknown): void {
  if (typeof name === 'string' && /^[^\p{Cc}\p{Cs}]{1,150}$/u.test(name)) return
  throw new KeepsakeError(
    'OPTION_INVALID',
    `the name of a ${what} is ${JSON.stringify(name)}, not a text of 1 to 150 characters`,
  )
}
