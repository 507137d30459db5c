import type { Exchange } from '../adapters/exchange.ts'

/** A request as one adapter sees it. */
export interface Attachment {
  /** Whose adapter it is. */
  readonly owner: object
  exchange: Exchange
  /** What the owner makes of the exchange when it is asked. */
  visit: unknown
  /** What `cookies` makes of it. */
  jar: unknown
  /** What each `Auth` found out. */
  users: unknown
  /** That of an adapter further inside. */
  next: Attachment | undefined
}

/**
 * What we know of a request stands on the request itself: a WeakMap from requests keeps each of them, and all that it refers to,
 * alive through the first collections of garbage, which cost a busy server more CPU than all else that an adapter does.
 */
const key = Symbol('keepsake')

interface Attached {
  [key]?: Attachment
}

// Requests to which nothing can be added: frozen ones. None in nearly every program.
let sealed: WeakMap<object, Attachment> | undefined

function attached(request: object): Attachment | undefined {
  return (request as Attached)[key] ?? sealed?.get(request)
}

function attach(request: object, attachment: Attachment): void {
  try {
    ;(request as Attached)[key] = attachment
  } catch {
    sealed ??= new WeakMap()
    sealed.set(request, attachment)
  }
}

/**
 * Makes a request known to its owner and to `cookies(request)`. An adapter that is mounted twice is so mounted once: the
 * outer one, which sees the answer last, serves the request. A request that has been answered may be handled again.
 *
 * `context` is what a framework wraps the request in: from then on it stands for the request, whichever of them is asked for.
 */
export function attachExchange(request: object, owner: object, exchange: Exchange, context?: object): void {
  const first = (context && attached(context)) ?? attached(request)
  const known = first && ownedBy(owner, first)
  if (known) {
    if (known.exchange.headersSent) Object.assign(known, { ...newAttachment(owner, exchange), next: known.next })
  } else if (first) {
    lastOf(first).next = newAttachment(owner, exchange)
  }
  const head = first ?? newAttachment(owner, exchange)
  attach(request, head)
  if (context) attach(context, head)
}

/** What this owner's adapter made of a request; undefined if it has not seen it. */
export function attachmentOf(request: object, owner: object): Attachment | undefined {
  const first = attached(request)
  return first && ownedBy(owner, first)
}

/** What the outermost adapter made of a request that is not answered yet, or was; undefined if no adapter has seen it. */
export function outermostOf(request: object): Attachment | undefined {
  const first = attached(request)
  let open = first
  while (open?.exchange.headersSent) open = open.next
  return open ?? first
}

function newAttachment(owner: object, exchange: Exchange): Attachment {
  return { owner, exchange, visit: undefined, jar: undefined, users: undefined, next: undefined }
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
