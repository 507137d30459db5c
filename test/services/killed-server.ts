import { expect } from 'vitest'
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts'
import { type LiveToken, liveToken, type Moment, momentsOf, type Witness } from './killed-rotation.ts'
import type { Server } from './server.ts'
import { loggedIn } from './visitors.ts'
import { openStore, type StoreDescription } from './workers/store-description.ts'

/** A server that is to be killed, and how it is reached: by a site at the far side of a proxy, and by the test. */
export interface CrashSubject {
  readonly server: Server
  far(port: number): StoreDescription
  readonly near: Witness
}

/** Kills the server at the first byte of a rotation, and then in the middle and at the end of each piece of it that passes. */
export async function crashAtEachPiece(subject: CrashSubject): Promise<LiveToken[]> {
  let moments: Moment[] = []
  await rotateOnce(subject, nameOf(0), async (rotate, proxy) => {
    const before = proxy.pieces.length
    expect(await rotate()).toBe(200)
    moments = momentsOf(proxy.pieces.slice(before))
  })
  const tokens: LiveToken[] = []
  for (const [n, { direction, after }] of moments.entries()) {
    const name = nameOf(n + 1)
    const cookie = await rotateOnce(subject, name, async (rotate, proxy) => {
      let crashed: Promise<void> | undefined
      proxy.cutAfter(after, direction, () => {
        crashed = subject.server.crash()
      })
      // Where only the end of the last reply is cut off, there is an answer.
      expect(await rotate()).toBeOneOf([200, 503])
      expect(crashed).toBeDefined()
      await crashed
    })
    await subject.server.restart()
    while (!(await isBack(subject.near))) await new Promise(resolve => setTimeout(resolve, 25))
    tokens.push(await liveToken(subject.near, name, cookie))
  }
  return tokens
}

/** All are of one length: so the same bytes pass in each rotation. */
function nameOf(n: number): string {
  return `visitor-${String(n).padStart(4, '0')}`
}

type Attempt = (rotate: () => Promise<number>, proxy: CuttingProxy) => Promise<void>

/** Lets a visitor log in, and then do this. Gives the cookie from before. */
async function rotateOnce({ server, far }: CrashSubject, name: string, attempt: Attempt): Promise<string> {
  const proxy = await startCuttingProxy([server.port])
  const { store, close } = await openStore(far(proxy.ports[0] ?? 0))
  const visitor = await loggedIn(name, store)
  const { cookie = '' } = visitor
  await attempt(async () => (await visitor.open('/rotate')).status, proxy)
  await close()
  proxy.close()
  return cookie
}

function isBack({ store }: Witness): Promise<boolean> {
  return store.read('x'.repeat(43)).then(
    () => true,
    () => false,
  )
}
