import { CookieJar } from '../../src/testing/cookie-jar.ts'

/** Somebody with a browser of their own. */
interface Visitor {
  readonly jar: CookieJar
  /** The text of a page, or the status of an answer that is no good one. */
  readonly open: (path: string) => Promise<string>
}

/** The story of `programs/site.js`, told over a real connection. Rejects with what is not as it should be. */
export async function visitSite(port: number): Promise<void> {
  const newVisitor = (): Visitor => {
    const jar = new CookieJar({ fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init) })
    const open = async (path: string): Promise<string> => {
      const answer = await jar.fetch(path)
      const text = await answer.text()
      return answer.ok ? text : `${answer.status}`
    }
    return { jar, open }
  }
  await tellOfVisits(newVisitor(), newVisitor())
  await tellOfWrites(newVisitor(), newVisitor())
  await tellOfStreams(newVisitor())
  await tellOfHanging(newVisitor(), newVisitor())
}

async function tellOfVisits(ada: Visitor, bob: Visitor): Promise<void> {
  for (const visit of ['visit 1', 'visit 2', 'visit 3']) same(await ada.open('/visit'), visit, 'a visit')
  same(await bob.open('/visit'), 'visit 1', 'the visit of somebody else')
  // Requests of one session wait for each other in their process.
  await Promise.all([ada.open('/visit'), ada.open('/visit')])
  same(await ada.open('/visit'), 'visit 6', 'the visit after two at once')
}

/** A slow store takes 300 ms for each write: who is answered before it is done finds that it is not. */
async function tellOfWrites(ada: Visitor, bob: Visitor): Promise<void> {
  await ada.open('/slow')
  for (const visit of ['first', 'second']) {
    const answer = await ada.jar.fetch('/visit')
    same(await bob.open('/written'), 'true', `whether the ${visit} visit is saved when its headers come`)
    await answer.text()
  }
  for (const visitor of [ada, bob]) same(await visitor.open('/fail'), '503', 'a visit that cannot be saved')
  same(bob.jar.header('/'), '', 'the cookie of a visitor who could not be saved')
  await ada.open('/mend')
  same(await ada.open('/visit'), 'visit 3', 'the visit after one that could not be saved')
}

async function tellOfStreams(ada: Visitor): Promise<void> {
  await ada.open('/slow')
  const stream = await ada.jar.fetch('/stream')
  same(await ada.open('/written'), 'true', 'whether what came before a stream is saved when its headers come')
  same(await stream.text(), 'begun HEADERS_SENT', 'a stream that would change the cookie when it has begun')
  // Where nobody sees the end of a stream, what it changes is saved at once.
  await untilWritten(ada)
  same(await ada.open('/visit'), 'visit 3', 'the visit after a stream that counted two')
  const left = await ada.jar.fetch('/stream')
  await left.body?.cancel()
  await untilWritten(ada)
  await ada.open('/mend')
  const after = await ada.open('/visit')
  same(String(/^visit [56]$/.test(after)), 'true', `whether "${after}" comes after a stream that was left`)
}

/** Waits for writes under way; where a request ends with its client, as on workerd, they may never be done. */
async function untilWritten({ open }: Visitor): Promise<void> {
  for (let times = 0; times < 100 && (await open('/written')) !== 'true'; times++) {
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

/** Twice, and after other requests have ended: the deadline may not be theirs. */
async function tellOfHanging(ada: Visitor, bob: Visitor): Promise<void> {
  for (const visitor of [ada, bob]) same(await visitor.open('/visit'), 'visit 1', 'a first visit')
  for (const time of ['first', 'second']) {
    same(await ada.open('/hang'), '503', `the ${time} visit while the store hangs`)
  }
  const both = await Promise.all([ada.open('/hang'), bob.open('/hang')])
  same(both.join(), '503,503', 'two visits at once while the store hangs')
  same(await ada.open('/mend'), 'plain', 'a page without a session')
  same(await ada.open('/visit'), 'visit 2', 'the visit when the store is back')
}

function same(found: string, expected: string, what: string): void {
  if (found !== expected) throw new Error(`${what}: "${found}", not "${expected}"`)
}
