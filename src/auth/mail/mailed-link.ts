import { type AuthCore, exchangeFor, findUser, jarOf } from '../auth-core.ts'
import { queryOf } from '../query-of.ts'
import type { UserRecord } from '../users/user.ts'
import { isUserId } from '../users/user-id.ts'
import type { LinkPurpose } from './mail-options.ts'
import { mailOf } from './send-mail.ts'

/**
 * What the page of a link is to do. `moved`: send the browser to the same page again, without the query; it holds the token in a
 * cookie by now. `ready`: show the form. `invalid`: the link is not good, or not any more.
 */
export type LinkState = 'moved' | 'ready' | 'invalid'

/** What a link in a mail says, after it was found good. */
export interface MailedLink<Own extends object> {
  readonly record: UserRecord<Own>
  readonly about: string
}

/** In seconds. The token in it has an end of its own. */
const maxAge = 3600

/**
 * Takes the token out of the URL, where histories, logs and the `Referer` of the page's links would have it, into a sealed cookie:
 * in the session it would lie in the store, and be in lists of sessions, as something that opens an account.
 */
export async function openLink(core: AuthCore, request: object, purpose: LinkPurpose): Promise<LinkState> {
  const exchange = exchangeFor(request)
  exchange.beforeHeaders(async () => {
    exchange.setHeader('Referrer-Policy', 'no-referrer')
    exchange.setHeader('Cache-Control', 'no-store')
  })
  const query = queryOf(exchange.target)
  if (!query.has('token')) return (await linkIn(core, request, purpose)) ? 'ready' : 'invalid'
  const parts = ['user', 'about', 'token'].map(name => query.get(name) ?? '')
  if (!(await readLink(core, purpose, parts))) return 'invalid'
  const options = { purpose, maxAge, secure: core.secure }
  jarOf(core, request).setSealed(core.cookieNames[purpose], JSON.stringify(parts), options)
  return 'moved'
}

/** The link that this browser opened, if it is still good. */
export async function linkIn<Own extends object>(
  core: AuthCore<Own>,
  request: object,
  purpose: LinkPurpose,
): Promise<MailedLink<Own> | null> {
  const kept = jarOf(core, request).getSealed(core.cookieNames[purpose], { purpose })
  return kept === undefined ? null : readLink(core, purpose, JSON.parse(kept))
}

/** The browser forgets the link. */
export function closeLink(core: AuthCore, request: object, purpose: LinkPurpose): void {
  jarOf(core, request).delete(core.cookieNames[purpose], { secure: core.secure })
}

async function readLink<Own extends object>(
  core: AuthCore<Own>,
  purpose: LinkPurpose,
  [id = '', about = '', token = '']: readonly string[],
): Promise<MailedLink<Own> | null> {
  // Stores are given no text that cannot be an id, and cookies none that does not fit.
  if (!isUserId(id) || about.length > 255 || token.length > 255) return null
  const record = await findUser(core, { id })
  const { tokens } = mailOf(core).links[purpose]
  return record?.isActive && tokens.check(record, token, about) ? { record, about } : null
}
