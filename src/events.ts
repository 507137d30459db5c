import type { KeepsakeError } from './errors.ts'

/** Something that is no error of the program, but worth knowing. Ids are hashes and safe to log; tokens never appear. */
export type SessionEvent =
  /** The cookie's value cannot be one of ours. */
  | { readonly type: 'cookie-malformed' }
  /** The request has several cookies of the session's name: the only one that leads to a session counts, if any. */
  | { readonly type: 'cookie-duplicate'; readonly count: number }
  /** A well-formed cookie leads to no record: the session ended, was evicted, or never was. */
  | { readonly type: 'session-unknown' }
  /** The cookie leads to a session that is over. */
  | { readonly type: 'session-expired'; readonly id: string }
  /** A change came too late: the session ended while the request ran. */
  | { readonly type: 'session-ended'; readonly id: string }
  /** The record cannot be read: truncated, planted, or of a later version. Kept until something is written. */
  | { readonly type: 'record-corrupt'; readonly id: string }
  /** The record's data does not fit the schema any more. Kept until something is written. */
  | { readonly type: 'schema-mismatch'; readonly id: string }
  /** A page of another site asked for a WebSocket, and got an empty session. `origin` is as the client sent it. */
  | { readonly type: 'origin-foreign'; readonly origin: string }
  /** A change made after the headers left could not be saved, and the client can no longer be told. */
  | { readonly type: 'late-commit-failed'; readonly id: string | null; readonly error: KeepsakeError }

/** What happens to events when nobody asked for them: loss of data is said aloud, clients' garbage is not. */
export function reportEvent(event: SessionEvent): void {
  if (event.type === 'record-corrupt' || event.type === 'schema-mismatch') {
    console.warn(`keepsake: ${event.type}: session ${event.id} reads as empty. Give onEvent to handle this.`)
  } else if (event.type === 'late-commit-failed') {
    console.warn(`keepsake: a change after the headers was not saved: ${event.error.message}`)
  }
}

/** A listener that throws, at once or later, spoils neither the request nor what is told of it. */
export function safely<Event extends { readonly type: string }>(
  listener: (event: Event) => unknown,
): (event: Event) => void {
  return event => {
    // What throws in there rejects, and so does what a listener that is async comes to.
    new Promise(resolve => resolve(listener(event))).catch(error => {
      console.warn(`keepsake: onEvent threw at ${event.type}:`, error)
    })
  }
}
