import { KeepsakeError } from '../errors.ts'

/** What a value turned out to hold, once it was found to be authentic. */
export interface Opened {
  readonly text: string
  /** False if an older secret than the first made the value: make it anew at the next write. */
  readonly current: boolean
}

/** Refuses a text that UTF-8 cannot carry: it would come back as another. */
export function checkText(text: string): void {
  if (!text.isWellFormed()) throw new KeepsakeError('VALUE_INVALID', 'the text has half of a surrogate pair')
}
