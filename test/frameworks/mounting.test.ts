import { afterEach, describe, expect, it } from 'vitest'
import { createSessions, isKeepsakeError } from '../../src/index.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import { frameworks } from './frameworks.ts'
import { counted, frameworkNames, OpenSites } from './open-sites.ts'

const sites = new OpenSites()
afterEach(() => sites.close())

/** Those whose adapter has a place among routes that can be the wrong one. */
const withRoutes = frameworkNames.filter(name => /^(express|koa|hono)/.test(name))

describe('an adapter', () => {
  it.each(frameworkNames)('may be mounted twice: it is one session, and one cookie, with %s', async framework => {
    const site = await sites.open(framework, counted, { mounted: 'twice' })
    const response = await fetch(`http://127.0.0.1:${site.port}/text`)
    expect(await response.text()).toBe('1')
    expect(response.headers.getSetCookie().length).toBe(1)
    expect(response.headers.get('Vary')).toBe('Cookie')
    expect(site.store.calls).toEqual(['create'])
  })

  it.each([
    ...frameworkNames.map(name => ['never', name] as const),
    ...withRoutes.map(name => ['late', name] as const),
  ])('says what to add when it is mounted %s, with %s', async (mounted, framework) => {
    const errors: unknown[] = []
    const site = await sites.open(
      framework,
      (request, sessions) =>
        counted(request, sessions).catch(error => {
          errors.push(error)
          return 'failed'
        }),
      { mounted },
    )
    expect(await (await fetch(`http://127.0.0.1:${site.port}/text`)).text()).toBe('failed')
    expect(errors.length).toBe(1)
    expect(isKeepsakeError(errors[0], 'REQUEST_UNKNOWN')).toBe(true)
    expect(String(errors[0])).toContain(frameworks[framework]?.line)
  })
})

describe('what is no request but has one inside', () => {
  const request = new Request('https://site.example/')
  const contexts = {
    SvelteKit: { request, cookies: {}, locals: {}, url: new URL(request.url) },
    'React Router': { request, params: {}, context: {} },
    Astro: { request, locals: {}, cookies: {} },
    Elysia: { request, set: {}, store: {} },
    h3: { req: request, res: {}, app: {}, context: {} },
  }

  it.each(Object.entries(contexts))('as %s hands it over, is refused with the name of that', async (_name, context) => {
    const sessions = createSessions({ store: memoryStore() })
    const error = await sessions.of(context).catch(String)
    expect(error).toContain('REQUEST_UNKNOWN')
    expect(error).toContain('req' in context ? 'sessions.of(its .req)' : 'sessions.of(its .request)')
    expect(error).toContain('withSessions(sessions, handler)')
  })
})

describe('fastifySessions', () => {
  it('may be registered after the routes', async () => {
    const site = await sites.open('fastifySessions', counted, { mounted: 'late' })
    expect(await (await fetch(`http://127.0.0.1:${site.port}/text`)).text()).toBe('1')
  })
})
