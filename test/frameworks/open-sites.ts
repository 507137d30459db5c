import { createSessions, type Sessions } from '../../src/index.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
import { type Data, frameworks, type Listening, type Site } from './frameworks.ts'

/** A site on a framework, and the store of its sessions. */
export interface OpenSite extends Listening {
  readonly store: StoryStore
}

/** The names of all frameworks. */
export const frameworkNames: readonly string[] = Object.keys(frameworks)

/** Sites for one test; `close` them when that is over. */
export class OpenSites {
  readonly #sites: Listening[] = []

  async open(
    framework: string,
    text: (request: object, sessions: Sessions<Data>) => Promise<string>,
    options: Partial<Site> = {},
  ): Promise<OpenSite> {
    const store = new StoryStore()
    const sessions = options.sessions ?? createSessions<Data>({ store })
    const listen = frameworks[framework]?.listen
    if (!listen) throw new Error(`no framework ${framework}`)
    const site = await listen({ mounted: 'once', ...options, sessions, text: request => text(request, sessions) })
    this.#sites.push(site)
    return { ...site, store }
  }

  async close(): Promise<void> {
    for (const site of this.#sites.splice(0)) await site.close()
  }
}

/** Counts the visits of a visitor. */
export async function counted(request: object, sessions: Sessions<Data>): Promise<string> {
  const session = await sessions.of(request)
  return String(session.update('visits', (n = 0) => n + 1))
}

/** Has nothing to do with sessions. */
export async function plain(): Promise<string> {
  return 'plain'
}
