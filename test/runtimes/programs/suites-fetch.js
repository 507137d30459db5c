import { withSessions } from 'keepsake/fetch'
import { memoryStore } from 'keepsake/stores/memory'
import { describeAdapter, describeSessionStore } from 'keepsake/testing'
import { bodyOf, runSuites } from './suites.js'

function mount({ sessions, answer }) {
  const handler = withSessions(sessions, async request => {
    const answered = await answer(request, new URL(request.url).pathname)
    return new Response(bodyOf(answered), { status: answered.status, headers: answered.headers })
  })
  return {
    fetch: (path, init) =>
      handler(new Request(new URL(path, 'http://localhost'), init)).catch(
        () => new Response('failed', { status: 500 }),
      ),
    close: () => undefined,
  }
}

export async function run() {
  await runSuites(runner => {
    describeSessionStore('memoryStore', memoryStore, { ...runner, index: true, sweep: true })
    describeAdapter('withSessions', mount, { ...runner, holdsEnd: false })
  })
}
