import { afterEach, describe, expect, it } from 'vitest'
import { RawRequest, requestText } from '../support/raw-request.ts'
import { ways } from './frameworks.ts'
import { frameworkNames, OpenSites, plain } from './open-sites.ts'

const sites = new OpenSites()
afterEach(() => sites.close())

/** The bytes of an answer, but for the date. */
async function bytesOf(port: number, line: string): Promise<string> {
  const request = new RawRequest(port, requestText(line, 'Connection: close', 'Cookie: __Host-session=x; other=1'))
  await request.response()
  return request.received.toString('latin1').replace(/^Date: .*$/im, 'Date: now')
}

describe('a request that does not ask for its session', () => {
  it.each(frameworkNames)('is answered byte for byte as without the adapter, with %s', async framework => {
    const bare = await sites.open(framework, plain, { mounted: 'never' })
    const mounted = await sites.open(framework, plain)
    for (const way of ways) {
      for (const method of ['GET', 'HEAD']) {
        const expected = await bytesOf(bare.port, `${method} ${way}`)
        expect(expected).toMatch(/^HTTP\/1\.1 \d/)
        expect([method, way, await bytesOf(mounted.port, `${method} ${way}`)]).toEqual([method, way, expected])
      }
    }
    expect(mounted.store.calls).toEqual([])
  })
})
