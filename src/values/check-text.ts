import { KeepsakeError } from '../errors.ts'

/** Refuses what is no text, or an empty one: nobody's id, from a program without types, must not mean everybody who has none. */
export function checkText(name: string, value: unknown, longest: number = Number.POSITIVE_INFINITY): void {
  if (typeof value === 'string' && value !== '' && value.length <= longest) return
  const limit = longest === Number.POSITIVE_INFINITY ? 'with content' : `of 1 to ${longest} characters`
  throw new KeepsakeError('VALUE_INVALID', `${name} is ${kindOf(value)}, not a text ${limit}`)
}

/** Whoever passes a whole user by mistake does not want to read the password in the log. */
function kindOf(value: unknown): string {
  return typeof value === 'string' ? `a text of ${value.length}` : `of type ${typeof value}`
}
