import type { IncomingMessage, ServerResponse } from 'node:http'
import { nodeSessions } from '../../src/adapters/node.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { StoryStore } from '../../src/testing/adapter-contract/story-store.ts'
import { type Listening, listen } from './listen.ts'
import { RawRequest, requestText } from './raw-request.ts'

export type Respond = (res: ServerResponse, req: IncomingMessage) => unknown

/** Servers of `node:http` for one test; `close` it when that is over. */
export class NodeSites {
  readonly #servers: Listening[] = []

  /** A server that answers so, and has a page that knows nothing of sessions. */
  async serve(respond: Respond): Promise<Listening> {
    const server = await listen((req, res) => (req.url === '/plain' ? res.end('plain') : respond(res, req)))
    this.#servers.push(server)
    return server
  }

  /** A server that answers so, after it changed the visitor's session. */
  async serveWithSessions(respond: Respond, store: StoryStore = new StoryStore()): Promise<Listening> {
    const sessions = createSessions<{ name: string }>({ store })
    const handler = nodeSessions(sessions, async (req, res) => {
      const session = await sessions.of(req)
      session.set('name', 'ada')
      await respond(res, req)
    })
    return this.serve((res, req) => handler(req, res))
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) await server.close()
  }
}

/** Other requests, answered by the same process: by then, what was sent before them has arrived. */
export async function otherRequests(server: Listening): Promise<void> {
  for (let times = 0; times < 3; times++) {
    const text = await (await server.fetch('/plain')).text()
    if (text !== 'plain') throw new Error(`the server answers others with ${text}`)
  }
}

/** A request on a connection of its own. */
export function request(server: Listening, line = 'GET /'): RawRequest {
  return new RawRequest(server.port, requestText(line, 'Connection: close'))
}
