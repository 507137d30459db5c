import { settings } from './serve.ts'

/** What every variant keeps of a visitor who has logged in. */
export interface Visitor {
  user: string
  visits: number
  /** Makes it as long as it is to be. */
  note: string
}

/** The data of a visitor as a text that is another one each time: SQLite, for one, does not write what is there already. */
export function nextText(): string {
  return `${body}${String(++count).padStart(9, '0')}"}`
}

let count = 0

/** The data of the visitor with this name, as long as the settings ask for. */
export function visitorNamed(user: string): Visitor {
  const visitor = { user, visits: 1, note: '' }
  return { ...visitor, note: 'x'.repeat(Math.max(0, settings.payloadBytes - JSON.stringify(visitor).length)) }
}

const body = JSON.stringify(visitorNamed('user-0')).slice(0, -11)
