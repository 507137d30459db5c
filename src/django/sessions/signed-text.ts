import { defaultMaxBytes } from '../python-value.ts'
import { decodeSession, encodeSession } from '../session-data.ts'
import type { DjangoSettings } from './engine.ts'
import type { SessionText } from './record-format.ts'

/** Signed JSON: what the engines `db`, `cached_db`, `file` and, with another salt, `signed_cookies` write. */
export function signedText({ secrets, now }: DjangoSettings, salt?: string): SessionText {
  const options = salt === undefined ? secrets : { ...secrets, salt }
  return {
    write: value => encodeSession(value, { ...options, maxBytes: defaultMaxBytes, now: now() }),
    read(text) {
      const read = decodeSession(text, options)
      return read.ok ? read.value : undefined
    },
  }
}
