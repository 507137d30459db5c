import { afterEach, describe, expect, it } from 'vitest'
import { RawRequest, requestText } from '../support/raw-request.ts'
import { frameworks, ways } from './frameworks.ts'
import { counted, frameworkNames, type OpenSite, OpenSites, plain } from './open-sites.ts'

const sites = new OpenSites()
afterEach(() => sites.close())

const failing = ['/throw']
const withHints = frameworkNames.filter(name => frameworks[name]?.hints)

/** Other requests on the same process: what was sent before them has arrived. */
async function othersAreServed({ port }: OpenSite): Promise<void> {
  for (let times = 0; times < 3; times++) {
    const other = new RawRequest(port, requestText('GET /text', 'Connection: close', 'X-Plain: yes'))
    expect((await other.response()).body.toString()).toBe('plain')
  }
}

/** A site that counts visits, but for requests that say otherwise. */
function openCounting(framework: string): Promise<OpenSite> {
  return sites.open(framework, (request, sessions) => {
    const asked = request as {
      headers?: Headers | Record<string, string>
      req?: { header?: (name: string) => string | undefined }
    }
    const headers = asked.headers instanceof Headers ? Object.fromEntries(asked.headers) : asked.headers
    const isPlain = headers?.['x-plain'] ?? asked.req?.header?.('X-Plain')
    return isPlain ? plain() : counted(request, sessions)
  })
}

describe('while the session is saved', () => {
  it.each(frameworkNames)('no byte of the answer leaves, whatever it is, with %s', async framework => {
    for (const way of ways.filter(path => !failing.includes(path))) {
      for (const method of ['GET', 'HEAD']) {
        const site = await openCounting(framework)
        const gate = site.store.holdBack('create')
        const request = new RawRequest(site.port, requestText(`${method} ${way}`, 'Connection: close'))
        await gate.arrived
        await othersAreServed(site)
        expect([method, way, request.received.toString()]).toEqual([method, way, ''])
        gate.open()
        const { headers } = await request.response()
        const cookies = headers.filter(header => /^set-cookie: __Host-session=/i.test(header))
        expect([method, way, cookies.length]).toEqual([method, way, 1])
        expect(headers.filter(header => /^vary: (.*, )?cookie$/i.test(header)).length).toBe(1)
      }
    }
  })

  it.each(withHints)('early hints leave, and nothing else, with %s', async framework => {
    const site = await openCounting(framework)
    const gate = site.store.holdBack('create')
    const request = new RawRequest(site.port, requestText('GET /hints', 'Connection: close'))
    await gate.arrived
    await request.until('rel=preload')
    await othersAreServed(site)
    const hints = request.received.toString()
    expect(hints).toMatch(/^HTTP\/1\.1 103 Early Hints\r\nLink: [^\r]*\r\n\r\n$/)
    gate.open()
    await request.response()
    expect(request.received.toString().slice(hints.length)).toMatch(
      /^HTTP\/1\.1 [24]0[\s\S]*set-cookie: __Host-session=/i,
    )
  })

  it.each(frameworkNames)(
    'two visitors whose requests share one connection are never mixed up, with %s',
    async framework => {
      const site = await openCounting(framework)
      const cookieOf = async (): Promise<string> => {
        const { headers } = await new RawRequest(site.port, requestText('GET /text', 'Connection: close')).response()
        return /__Host-session=[^;]*/.exec(headers.find(header => /^set-cookie/i.test(header)) ?? '')?.[0] ?? ''
      }
      const [ada, bob] = [await cookieOf(), await cookieOf()]
      const turn = (cookie: string, ...more: string[]): string => requestText('GET /text', `Cookie: ${cookie}`, ...more)
      const nobody = requestText('GET /text', 'X-Plain: yes')
      // They are sent before the first one is answered, so that the framework has all three at hand.
      for (const [adasVisit, bobsVisit] of ['22', '33', '44']) {
        const connection = new RawRequest(site.port, [turn(ada), nobody, turn(bob, 'Connection: close')].join(''))
        await connection.response()
        const received = connection.received.toString()
        const bodies = [...received.matchAll(/\r\n\r\n(?:\d\r\n)?(plain|\d)/g)].map(([, body]) => body)
        expect(bodies).toEqual([adasVisit, 'plain', bobsVisit])
        expect(received).not.toMatch(/set-cookie/i)
      }
      const other = requestText('GET /text', `Cookie: ${bob}`, 'Connection: close')
      expect((await new RawRequest(site.port, other).response()).body.toString()).toBe('5')
    },
  )
})
