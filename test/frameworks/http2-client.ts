import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2'
import { text } from 'node:stream/consumers'

/** Connections of one test over HTTP/2; `close` them when that is over. */
export class Http2Clients {
  readonly #sessions: ClientHttp2Session[] = []

  connect(port: number): ClientHttp2Session {
    const session = connect(`http://127.0.0.1:${port}`)
    // Where a test breaks the connection off, or the server does, what is under way ends with this.
    session.on('error', () => undefined)
    this.#sessions.push(session)
    return session
  }

  close(): void {
    for (const session of this.#sessions.splice(0)) session.destroy()
  }
}

/** The headers of an answer, and its text. */
export async function answerTo(stream: ClientHttp2Stream): Promise<{ headers: IncomingHttpHeaders; body: string }> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  return { headers, body: await text(stream) }
}

export function get(client: ClientHttp2Session, path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
  return client.request({ ':path': path, ...headers })
}
