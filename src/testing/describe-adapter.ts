import assert from 'node:assert/strict'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AdapterApp, MountedApp } from './adapter-contract/app.ts'
import { tellOfCookies } from './adapter-contract/cookies.ts'
import { tellOfDisconnects } from './adapter-contract/disconnects.ts'
import { tellOfEndings } from './adapter-contract/endings.ts'
import { tellOfHeaders } from './adapter-contract/headers.ts'
import { tellOfSavedBeforeAnswered } from './adapter-contract/saved-before-answered.ts'
import { openSite } from './adapter-contract/site.ts'
import { tellOfStreams } from './adapter-contract/streams.ts'
import type { AdapterSuite, OpenSite } from './adapter-contract/suite.ts'
import { tellOfTroubles } from './adapter-contract/troubles.ts'
import { tellOfVisitors } from './adapter-contract/visitors.ts'
import { runnerOf, type TestRunner } from './runner.ts'

/** What the suite has to know of an adapter. */
export interface AdapterSuiteOptions extends Partial<TestRunner> {
  /** Whether the adapter holds back the end of a streamed answer until late changes are saved. @default true */
  readonly holdsEnd?: boolean
}

/**
 * What an adapter promises, as a test suite for any test runner: the stories of visitors to a small site on the adapter's
 * framework. `mount` is called for each of them: it starts the framework with the adapter in its usual place and one handler
 * for all paths, which asks `app.answer` and turns the answer into the framework's own response.
 *
 * @example
 * describeAdapter('my framework', app => {
 *   const server = framework({ plugins: [mySessions(app.sessions)] })
 *   server.all('*', async request => toResponse(await app.answer(request, request.path)))
 *   return { fetch: (path, init) => server.inject(path, init), close: () => server.close() }
 * }, { describe, it })
 */
export function describeAdapter(
  name: string,
  mount: (app: AdapterApp) => MountedApp | Promise<MountedApp>,
  options: AdapterSuiteOptions = {},
): void {
  const { describe, it } = runnerOf(options)
  const story: AdapterSuite['story'] = (title, run) => it(`${title}, with ${name}`, () => runStory(mount, run))
  const suite: AdapterSuite = { group: describe, story, holdsEnd: options.holdsEnd ?? true }
  describe(`what an adapter promises, kept by ${name}`, () => {
    tellOfVisitors(suite)
    tellOfHeaders(suite)
    tellOfCookies(suite)
    tellOfSavedBeforeAnswered(suite)
    tellOfTroubles(suite)
    tellOfEndings(suite)
    tellOfStreams(suite)
    tellOfDisconnects(suite)
  })
}

/** Runs a story, closes its site, and fails it for a rejection that nobody handled meanwhile: that would end a server. */
async function runStory(
  mount: (app: AdapterApp) => MountedApp | Promise<MountedApp>,
  run: (open: OpenSite) => Promise<void>,
): Promise<void> {
  const rejections: unknown[] = []
  const note = (reason: unknown): void => void rejections.push(reason)
  const closes: (() => unknown)[] = []
  process.on('unhandledRejection', note)
  try {
    await run(async (pages = {}, options = {}) => {
      const site = await openSite(mount, pages, options)
      closes.push(() => site.close())
      return site
    })
  } finally {
    for (const close of closes) await close()
    await nextTurn()
    process.off('unhandledRejection', note)
  }
  assert.deepEqual(rejections, [], 'a rejection that nobody handled')
}
