import type { Jar } from '../../cookies/jar.ts'
import type { Session } from '../../session/session.ts'
import type { Sessions } from '../../session/sessions.ts'

/** What the sessions of the stories hold. */
export interface StoryData {
  visits: number
  name: string
}

/** An answer without a framework. */
export interface Answer {
  readonly status: number
  /** In this order; a name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** The text, or its parts as they become ready. An empty text is no body, as statuses 204 and 304 need it. */
  readonly body: string | AsyncIterable<string>
}

/** What a story gives to a framework: its sessions, and what it answers. */
export interface AdapterApp {
  readonly sessions: Sessions<StoryData>
  /**
   * The answer to a request for a path such as `/visits`. `request` is what the framework hands to its handlers. What this
   * rejects with has to reach the framework's own error handling.
   */
  answer(request: object, path: string): Promise<Answer>
}

/** A framework that answers. */
export interface MountedApp {
  /** Requests a path such as `/visits`, over a socket if the framework listens on one. Must not follow redirects unasked. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  close(): unknown
}

/** One request, as the pages of a story see it. */
export interface Visit {
  session(): Promise<Session<StoryData>>
  cookies(): Jar
}

export type Page = (visit: Visit) => Answer | Promise<Answer>

/** An answer with some text. */
export function page(body: Answer['body'], { status = 200, headers = [] }: Partial<Omit<Answer, 'body'>> = {}): Answer {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8'], ...headers], body }
}

/** Pages that every story's site has. */
export const commonPages: Readonly<Record<string, Page>> = {
  /** Knows nothing of sessions. */
  '/plain': () => page('plain'),

  /** Changes the session. */
  '/count': async visit => {
    const session = await visit.session()
    return page(String(session.update('visits', (n = 0) => n + 1)))
  },

  /** Only reads it. */
  '/visits': async visit => {
    const session = await visit.session()
    return page(String(session.get('visits', 0)))
  },

  '/name': async visit => {
    const session = await visit.session()
    return page(session.get('name', 'nobody'))
  },

  '/logout': async visit => {
    const session = await visit.session()
    session.destroy()
    return page('bye')
  },
}
