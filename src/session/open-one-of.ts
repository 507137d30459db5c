import type { Opened } from '../engines/engine.ts'
import type { SessionCore } from './state.ts'

/** More values under one name than overlapping paths and domains explain; each may cost a call of the store. */
const mostValues = 8

/**
 * What several values lead to. Whoever can plant a cookie beside ours chooses which of them comes first, so none is trusted for
 * its place: the only one that leads to a session counts, and if there is another, none does (decision 025).
 */
export async function openOneOf({ engine, settings }: SessionCore, values: readonly string[]): Promise<Opened | null> {
  settings.report({ type: 'cookie-duplicate', count: values.length })
  if (!settings.transport.triesEach || values.length > mostValues) return null
  const opened = (await Promise.all(values.map(value => engine.open(value)))).filter(one => typeof one !== 'string')
  const [alive, another] = opened.filter(({ expiresAt }) => settings.now() < expiresAt.getTime())
  return alive && !another ? alive : null
}
