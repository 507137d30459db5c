import type { Exchange } from '../adapters/exchange.ts'

/** A request as one adapter sees it. */
export interface Attachment {
  /** Whose adapter it is. */
  readonly owner: object
  exchange: Exchange
  /** What the owner makes of the exchange when it is asked. */
  visit: unknown
  /** That of an adapter further inside. */
  next: Attachment | undefined
}

/** The one map from requests to what we know of them: each costs every request half a microsecond, used or not. */
const attachments = new WeakMap<object, Attachment>()

/**
 * Makes a request known to its owner and to `cookies(request)`. An adapter that is mounted twice is so mounted once: the
 * outer one, which sees the answer last, serves the request. A request that has been answered may be handled again.
 */
export function attachExchange(request: object, owner: object, exchange: Exchange): void {
  const first = attachments.get(request)
  const known = first && ownedBy(owner, first)
  if (known) {
    if (known.exchange.headersSent) Object.assign(known, { exchange, visit: undefined })
    return
  }
  const attachment = { owner, exchange, visit: undefined, next: undefined }
  if (first) lastOf(first).next = attachment
  else attachments.set(request, attachment)
}

/** What this owner's adapter made of a request; undefined if it has not seen it. */
export function attachmentOf(request: object, owner: object): Attachment | undefined {
  const first = attachments.get(request)
  return first && ownedBy(owner, first)
}

/** The outermost exchange of a request that is not answered yet, or was; undefined if no adapter has seen it. */
export function exchangeOf(request: object): Exchange | undefined {
  const first = attachments.get(request)
  let open = first
  while (open?.exchange.headersSent) open = open.next
  return (open ?? first)?.exchange
}

function ownedBy(owner: object, first: Attachment): Attachment | undefined {
  let attachment: Attachment | undefined = first
  while (attachment && attachment.owner !== owner) attachment = attachment.next
  return attachment
}

function lastOf(first: Attachment): Attachment {
  let last = first
  while (last.next) last = last.next
  return last
}
