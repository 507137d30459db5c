import { afterEach, describe, expect, it } from 'vitest'
import { isKeepsakeError } from '../../src/index.ts'
import { frameworks } from './frameworks.ts'
import { counted, frameworkNames, OpenSites } from './open-sites.ts'

const sites = new OpenSites()
afterEach(() => sites.close())

describe.each(frameworkNames)('%s', framework => {
  it('may be mounted twice: it is one session, and one cookie', async () => {
    const site = await sites.open(framework, counted, { mounted: 'twice' })
    const response = await fetch(`http://127.0.0.1:${site.port}/text`)
    expect(await response.text()).toBe('1')
    expect(response.headers.getSetCookie().length).toBe(1)
    expect(response.headers.get('Vary')).toBe('Cookie')
    expect(site.store.calls).toEqual(['create'])
  })

  it.each(framework === 'fastifySessions' ? (['never'] as const) : (['late', 'never'] as const))(
    'says what to add when it is mounted %s',
    async mounted => {
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
    },
  )
})

describe('fastifySessions', () => {
  it('may be registered after the routes', async () => {
    const site = await sites.open('fastifySessions', counted, { mounted: 'late' })
    expect(await (await fetch(`http://127.0.0.1:${site.port}/text`)).text()).toBe('1')
  })
})
