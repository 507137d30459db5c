import { withSessions } from '../../src/adapters/fetch.ts'
import type { AdapterApp, Answer, MountedApp } from '../../src/testing/index.ts'

/** An app of the adapter contract as a `fetch` handler. */
export function fetchHandler({ sessions, answer }: AdapterApp): (request: Request) => Promise<Response> {
  return withSessions(sessions, async request => {
    const answered = await answer(request, new URL(request.url).pathname)
    return new Response(bodyOf(answered), {
      status: answered.status,
      headers: answered.headers.map(([name, value]) => [name, value]),
    })
  })
}

/** One that is asked directly, as a platform asks a `fetch` handler. */
export function mountFetch(app: AdapterApp): MountedApp {
  const handler = fetchHandler(app)
  return {
    async fetch(path, init) {
      const request = new Request(new URL(path, 'http://localhost'), init)
      return handler(request).catch(() => new Response('the server failed', { status: 500 }))
    },
    close: () => undefined,
  }
}

/** The body of an answer as a Response takes it. */
export function bodyOf({ body }: Answer): string | ReadableStream | null {
  if (typeof body === 'string') return body || null
  return ReadableStream.from(body).pipeThrough(new TextEncoderStream())
}
