import { CookieJar } from '../../src/testing/cookie-jar.ts'

/** The story of `programs/site.js`, told over a real connection. Rejects with what is not as it should be. */
export async function visitSite(port: number): Promise<void> {
  const newVisitor = () => {
    const jar = new CookieJar({ fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init) })
    return async (path: string): Promise<string> => {
      const answer = await jar.fetch(path)
      const text = await answer.text()
      return answer.ok ? text : `${answer.status}`
    }
  }
  const [ada, bob] = [newVisitor(), newVisitor()]
  for (const visit of ['visit 1', 'visit 2', 'visit 3']) same(await ada('/visit'), visit, 'a visit')
  same(await bob('/visit'), 'visit 1', 'the visit of somebody else')
  // Requests of one session wait for each other in their process.
  await Promise.all([ada('/visit'), ada('/visit')])
  same(await ada('/visit'), 'visit 6', 'the visit after two at once')
  // Twice, and after other requests have ended: the deadline may not be theirs.
  for (const time of ['first', 'second']) same(await ada('/hang'), '503', `the ${time} visit while the store hangs`)
  const both = await Promise.all([ada('/hang'), bob('/hang')])
  same(both.join(), '503,503', 'two visits at once while the store hangs')
  same(await ada('/mend'), 'plain', 'a page without a session')
  same(await ada('/visit'), 'visit 7', 'the visit when the store is back')
}

function same(found: string, expected: string, what: string): void {
  if (found !== expected) throw new Error(`${what} is answered with "${found}", not "${expected}"`)
}
