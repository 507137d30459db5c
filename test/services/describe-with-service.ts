import { describe, inject, it } from 'vitest'
import { howToGet, type ServiceAddresses, type ServiceName } from './services.ts'

/**
 * A `describe` whose tests need a real server; `body` gets its address. Where the server is not installed, each test is
 * skipped by its name, and the group's name says how to get it; with KEEPSAKE_REQUIRE_SERVICES=1, that is a failure.
 *
 * @example
 * describeWithService('postgres', address => {
 *   it('answers', async () => { … })
 * })
 */
export function describeWithService<Name extends ServiceName>(
  name: Name,
  body: (address: ServiceAddresses[Name]) => void,
): void {
  const nowhere = new Proxy({}, { get: () => nowhere }) as ServiceAddresses[Name]
  // Asked for at once, so that the services of one file start side by side.
  const address = howToGet(name) ? Promise.resolve(nowhere) : addressOf(name)
  address.catch(() => undefined)
  describeWhereInstalled(name, async () => body(await address))
}

/** The same for tests that start servers of their own, to break them. */
export function describeWhereInstalled(name: ServiceName, body: () => void | Promise<void>): void {
  describeWhere(name, howToGet(name), body)
}

/** The same for what is none of the services: `remedy` says how to get it, null if it is there. */
export function describeWhere(name: string, remedy: string | null, body: () => void | Promise<void>): void {
  if (!remedy) {
    describe(name, body)
  } else if (process.env.KEEPSAKE_REQUIRE_SERVICES === '1') {
    it(`needs ${name}`, () => {
      throw new Error(`${name} is not installed: ${remedy}`)
    })
  } else {
    console.warn(`${name} is not installed, so its tests are skipped: ${remedy}`)
    describe.skip(`${name} (not installed: ${remedy})`, body)
  }
}

/** Where this service listens; it is started if no test needed it before. */
export async function addressOf<Name extends ServiceName>(name: Name): Promise<ServiceAddresses[Name]> {
  const response = await fetch(`${inject('services')}/${name}`)
  if (!response.ok) throw new Error(`${name} did not start: ${await response.text()}`)
  return (await response.json()) as ServiceAddresses[Name]
}
