import type { Exchange } from '../adapters/exchange.ts'
import { attachExchange, attachmentOf } from '../cookies/exchanges.ts'
import { unknownRequest } from '../cookies/unknown-request.ts'
import type { Carriage } from '../transport/transport.ts'
import type { Session } from './session.ts'
import type { SessionCore } from './state.ts'
import type { UpgradeRequest } from './upgrade-request.ts'
import { openUpgrade, type UpgradeOptions, type UpgradeSession } from './upgrade-session.ts'
import { Visit } from './visit.ts'

/** The sessions of one program, under one cookie. Make it with `createSessions`. */
export class Sessions<Data extends object> {
  readonly #core: SessionCore

  constructor(core: SessionCore) {
    this.#core = core
  }

  /**
   * The session of this request: loaded by the first call, the same object at every later one. A visitor without a session
   * gets an empty one, which is stored when something is first set.
   *
   * Rejects with `STORE_FAILED` or `STORE_TIMEOUT` (503) when the store cannot tell who this is, never with an empty session.
   *
   * @example
   * const session = await sessions.of(request)
   * session.update('visits', (n = 0) => n + 1)
   */
  of(request: object): Promise<Session<Data>> {
    const attachment = attachmentOf(request, this)
    if (!attachment) return Promise.reject(unknownRequest(request))
    attachment.visit ??= new Visit<Data>(this.#core, attachment.exchange)
    return (attachment.visit as Visit<Data>).session()
  }

  /**
   * The session of a request that becomes a WebSocket, to read. Needs no adapter. A page of another site gets an empty one.
   *
   * Rejects with `STORE_FAILED` or `STORE_TIMEOUT` when the store cannot tell who this is.
   *
   * @example
   * const session = await sessions.ofUpgrade(request)
   * if (!session.userId) return refuse()
   * socket.on('close', session.watch(() => socket.close(4401, 'logged out')))
   */
  ofUpgrade(request: UpgradeRequest, options: UpgradeOptions = {}): Promise<UpgradeSession<Data>> {
    return openUpgrade<Data>(this.#core, request, options)
  }

  /** How the session of this request came: what a page of another site cannot have sent needs no check against that. */
  carriageOf(request: object): Carriage {
    const attachment = attachmentOf(request, this)
    if (!attachment) throw unknownRequest(request)
    return this.#core.settings.carriage(attachment.exchange)
  }

  /**
   * For adapters: makes the session of this request reachable by `of(request)`, and its cookies by `cookies(request)`.
   * Nothing of the exchange is used until then. An adapter that is mounted twice is so mounted once: the outer one, which
   * sees the answer last, serves the request. A request that has been answered may be handled again.
   *
   * `context` is what a framework wraps the request in and gives to its handlers: `of` then takes either.
   */
  attach(request: object, exchange: Exchange, context?: object): void {
    attachExchange(request, this, exchange, context)
  }
}
