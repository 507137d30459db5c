import { type Duration, durationMs } from '../values/duration.ts'
import { openSession, readContents } from './open.ts'
import { Session } from './session.ts'
import { freshContents, type SessionCore, type SessionState } from './state.ts'
import { foreignOrigin, type UpgradeRequest, upgradeExchange } from './upgrade-request.ts'

/** Options of `sessions.ofUpgrade`. */
export interface UpgradeOptions {
  /** The sites whose pages may open sockets here with their visitors' sessions, as `Origin` spells them. @default that of `Host`; over https, if the cookie is `Secure` */
  readonly origins?: readonly string[]
}

/** Options of `watch`. */
export interface WatchOptions {
  /** How long a session that has ended may keep its socket. Each time costs one read of the store. @default '30s' */
  readonly every?: Duration
}

type Readable = 'id' | 'userId' | 'facts' | 'createdAt' | 'expiresAt' | 'get' | 'has' | 'keys' | 'toObject' | 'toJSON'

/** The session with which a socket was opened, to read: a socket has no answer that could set a cookie. */
export interface UpgradeSession<Data extends object> extends Pick<Session<Data>, Readable> {
  /**
   * Whether the session has ended since: it was destroyed, revoked, rotated away, or its time is over. Reads it again, so
   * that `get` then gives what is there now. Rejects when the store cannot tell. False for a visitor who had none.
   */
  hasEnded(): Promise<boolean>
  /**
   * Asks that every so often, and calls `onEnd` once when it is so. Returns what stops it: call that when the socket closes.
   * While the store cannot tell, the socket stays, but never beyond the end that was known.
   *
   * @example
   * const stop = session.watch(() => socket.close(4401, 'logged out'))
   * socket.on('close', stop)
   */
  watch(onEnd: () => void, options?: WatchOptions): () => void
}

/** The session that an upgrade request leads to; an empty one, and an event, for a page of another site. */
export async function openUpgrade<Data extends object>(
  core: SessionCore,
  request: UpgradeRequest,
  { origins }: UpgradeOptions,
): Promise<UpgradeSession<Data>> {
  const origin = foreignOrigin(request, origins, core.settings.cookieSecure)
  if (origin !== null) core.settings.report({ type: 'origin-foreign', origin })
  const from = origin === null ? request : { headers: {} }
  return new OpenedUpgrade<Data>(core, await openSession(core, upgradeExchange(from)))
}

class OpenedUpgrade<Data extends object> extends Session<Data> implements UpgradeSession<Data> {
  readonly #core: SessionCore
  readonly #state: SessionState
  #ended = false

  constructor(core: SessionCore, state: SessionState) {
    // For programs without types: every change needs a cookie that can no longer be sent, so it throws HEADERS_SENT.
    const host = {
      recordInCookie: true,
      headersSent: true,
      commit: async () => undefined,
      commitAtEnd: () => undefined,
    }
    super({ ...host, state, settings: core.settings })
    this.#core = core
    this.#state = state
  }

  async hasEnded(): Promise<boolean> {
    const { opened } = this.#state
    if (!opened) return this.#ended
    const now = await this.#core.engine.reopen(opened)
    const contents = now && (await readContents(this.#core, now))
    this.#ended = contents === null
    Object.assign(this.#state, {
      opened: contents && now,
      contents: contents ?? freshContents(this.#core.settings.now()),
    })
    return this.#ended
  }

  watch(onEnd: () => void, { every = '30s' }: WatchOptions = {}): () => void {
    const intervalMs = Math.min(durationMs(every, 'every'), 2 ** 31 - 1)
    if (!this.#state.opened && !this.#ended) return () => undefined
    let timer: ReturnType<typeof setTimeout>
    let stopped = false
    const look = async (): Promise<void> => {
      const ended = await this.hasEnded().catch(() => this.#isPastItsEnd())
      if (stopped) return
      if (ended) onEnd()
      else lookIn(intervalMs)
    }
    const lookIn = (ms: number): void => {
      timer = setTimeout(look, ms)
      // A process that has nothing else to do may end. Not every runtime's timers know that.
      ;(timer as Partial<typeof timer>).unref?.()
    }
    // Sockets that come back together after a restart would else ask the store together, each time.
    lookIn(intervalMs * Math.random())
    return () => {
      stopped = true
      clearTimeout(timer)
    }
  }

  #isPastItsEnd(): boolean {
    const { opened } = this.#state
    return opened !== null && this.#core.settings.now() >= opened.expiresAt.getTime()
  }
}
