import { folded } from './problem.ts'

/** From which likeness on a password is refused: Django's number. */
const mostSimilarity = 0.7
/** Of a longer value the beginning is looked at: a megabyte of e-mail address must not cost seconds (CVE-2021-45115). */
const longestValue = 1024

/** The first of the user's attributes that the password is too similar to, as a whole or to a word of it. */
export function similarAttribute(
  password: string,
  user: Readonly<Record<string, unknown>>,
  attributes: readonly string[],
): string | undefined {
  const text = [...folded(password)]
  return attributes.find(attribute => {
    const value = user[attribute]
    if (typeof value !== 'string') return false
    return partsOf(value.slice(0, longestValue)).some(part => isSimilar(text, [...part]))
  })
}

/** The words of a value, and the whole of it; each once. */
function partsOf(value: string): string[] {
  const text = folded(value)
  return [...new Set([...text.split(/[^\p{L}\p{N}_]+/u), text])].filter(part => part !== '')
}

function isSimilar(password: readonly string[], part: readonly string[]): boolean {
  // Where the lengths alone rule it out, the characters are not worth the time.
  const most = (2 * Math.min(password.length, part.length)) / (password.length + part.length)
  return most >= mostSimilarity && likeness(password, part) >= mostSimilarity
}

/** How many characters two texts share, in any order, of all that they have: Python's SequenceMatcher.quick_ratio. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>()
  for (const character of b) left.set(character, (left.get(character) ?? 0) + 1)
  let shared = 0
  for (const character of a) {
    const count = left.get(character) ?? 0
    if (count > 0) shared++
    left.set(character, count - 1)
  }
  return (2 * shared) / (a.length + b.length)
}
