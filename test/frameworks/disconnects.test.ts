import { randomInt } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { RawRequest, requestText } from '../support/raw-request.ts'
import { counted, frameworkNames, OpenSites } from './open-sites.ts'

const sites = new OpenSites()
const rejections: unknown[] = []
const note = (reason: unknown): void => void rejections.push(reason)
process.on('unhandledRejection', note)
process.on('uncaughtException', note)

afterEach(async () => {
  await sites.close()
  expect(rejections.splice(0)).toEqual([])
})

const seed = Number(process.env.KEEPSAKE_SEED ?? randomInt(2 ** 31))

/** Numbers from 0 to 1 that a seed gives again (a linear congruential generator, Numerical Recipes). */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const paths = ['/text', '/json', '/redirect', '/stream', '/file', '/empty'] as const

describe(`clients that go away at any moment (seed ${seed})`, () => {
  it.each(frameworkNames)('leave their sessions whole, and disturb nobody, with %s', async framework => {
    const random = randomFrom(seed)
    let handled = 0
    let counts = 0
    const site = await sites.open(framework, async (request, sessions) => {
      handled++
      const text = await counted(request, sessions)
      counts++
      return text
    })
    const first = await new RawRequest(site.port, requestText('GET /text', 'Connection: close')).response()
    const cookie = /__Host-session=[^;]*/.exec(first.headers.find(header => /^set-cookie/i.test(header)) ?? '')?.[0]
    for (let times = 0; times < 60; times++) {
      const path = paths[Math.floor(random() * paths.length)]
      const whole = requestText(`GET ${path}`, `Cookie: ${cookie}`)
      const sent = random() < 0.2 ? whole.slice(0, Math.floor(random() * whole.length)) : whole
      const client = new RawRequest(site.port, sent)
      for (let turns = Math.floor(random() * 25); turns > 0; turns--) await nextTurn()
      client.leave()
    }
    // Whoever is still under way is done when this has had its turn.
    const last = async (): Promise<number> => {
      const text = requestText('GET /text', `Cookie: ${cookie}`, 'Connection: close')
      return Number((await new RawRequest(site.port, text).response()).body.toString())
    }
    let visits = await last()
    while (handled !== counts) visits = await last()
    expect(counts).toBeGreaterThan(3)
    // A visit that nobody was told of may be counted or not; none is counted twice, and none that was told is lost.
    expect(visits).toBeLessThanOrEqual(counts)
    expect(await last()).toBe(visits + 1)
  })
})
