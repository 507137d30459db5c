/** An answer that a framework has yet to send. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is said of a login, or on the way to one, is for this visitor and this moment alone (ASVS 14.3.2). */
const notKept = { 'Cache-Control': 'no-store' }

/** To another page of this site, with GET, whatever the method was. */
export function redirectTo(location: string): Answer {
  return { status: 303, headers: { ...notKept, Location: toHeader(location) }, body: '' }
}

export function jsonAnswer(status: number, value: object, headers: Answer['headers'] = {}): Answer {
  const type = { 'Content-Type': 'application/json; charset=utf-8' }
  return { status, headers: { ...notKept, ...headers, ...type }, body: JSON.stringify(value) }
}

export function pageAnswer(status: number, body: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...notKept, ...headers, 'Content-Type': 'text/html; charset=utf-8' }, body }
}

/** A header holds printable ASCII alone: what else a URL has is percent-encoded, and can so never end the line. */
function toHeader(location: string): string {
  return location
    .trim()
    .toWellFormed()
    .replace(/[^!-~]/gu, encodeURIComponent)
}
