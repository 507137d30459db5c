import { isPadding } from './padding.ts'
import { folded } from './problem.ts'

/** Shorter words are in too many passwords. */
const shortestWord = 4

/** Whether too little is left of a password without these words, however they are written. ASVS 6.1.2 and 6.2.11. */
export function isOwnWord(password: string, words: readonly string[], minimum: number): boolean {
  const text = folded(password)
  const rest = words
    .map(word => folded(word).trim())
    .filter(word => word.length >= shortestWord)
    // A long word may hold a short one.
    .sort((a, b) => b.length - a.length)
    .reduce((left, word) => left.replaceAll(word, ''), text)
  return rest !== text && isPadding(rest, minimum)
}
