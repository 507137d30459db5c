import { createHash } from 'node:crypto'

/**
 * The text of a record: a checksum of all that follows, whose text it is and of which version, and the payload. So one that is
 * torn, bent, of another session or of another state is seen, however it came to lie there.
 */
export function recordText(id: string, version: string, payload: string): string {
  const content = `${id} ${version}\n${payload}`
  return `keepsake 1 ${createHash('sha256').update(content).digest('hex')}\n${content}`
}

/** The payload in a text; null if it is not what would be written under this id and version. */
export function payloadIn(text: string, id: string, version: string): string | null {
  const payload = text.slice(recordText(id, version, '').length)
  return text === recordText(id, version, payload) ? payload : null
}
