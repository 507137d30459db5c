import assert from 'node:assert/strict'
import { type Answer, page } from './app.ts'
import { knownVisitor, type Site, textOf } from './site.ts'
import type { AdapterSuite, OpenSite } from './suite.ts'

/** That no byte of an answer leaves before the session is saved, whatever the answer looks like. */
export function tellOfSavedBeforeAnswered(suite: AdapterSuite): void {
  suite.group('a save is done before the answer leaves', () => {
    tellOfForms(suite)
    tellOfKinds(suite)
  })
}

function tellOfForms({ story }: AdapterSuite): void {
  story('for a page', async open => {
    assert.equal(await (await answerTo(open, page('a page'))).text(), 'a page')
  })

  story('for JSON', async open => {
    const answer = { ...page('{"a":1}'), headers: [['Content-Type', 'application/json']] as const }
    assert.deepEqual(await (await answerTo(open, answer)).json(), { a: 1 })
  })

  story('for a redirect', async open => {
    const response = await answerTo(open, page('', { status: 302, headers: [['Location', '/plain']] }))
    assert.equal(response.headers.get('Location'), '/plain')
  })

  story('for a stream', async open => {
    const response = await answerTo(open, page(parts('one ', 'two ', 'three')))
    assert.equal(await response.text(), 'one two three')
  })

  story('for an answer to HEAD', async open => {
    await (await answerTo(open, page('a page'), { method: 'HEAD' })).text()
  })

  story('for an answer without a body', async open => {
    assert.equal(await (await answerTo(open, { status: 204, headers: [], body: '' })).text(), '')
  })

  story('for an answer that says that nothing is new', async open => {
    const response = await answerTo(open, { status: 304, headers: [['ETag', '"1"']], body: '' })
    assert.equal(await response.text(), '')
    assert.equal(response.headers.get('ETag'), '"1"')
  })

  story("for an answer of the client's own fault", async open => {
    assert.equal(await (await answerTo(open, page('no such page', { status: 404 }))).text(), 'no such page')
  })
}

function tellOfKinds({ story }: AdapterSuite): void {
  story('when a known session changes', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    const gate = site.store.holdBack('replace')
    const response = await savedThenAnswered(site, ada.fetch('/count'), gate)
    assert.equal(await response.text(), '2')
  })

  story('when a session is destroyed', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    const gate = site.store.holdBack('delete')
    const response = await savedThenAnswered(site, ada.fetch('/logout'), gate)
    assert.match(response.headers.getSetCookie().join(), /Max-Age=0/)
  })

  for (const [ending, fail] of Object.entries(failures)) {
    story(`when a session is destroyed and ${ending}`, async open => {
      const site = await open({
        '/fail': async visit => {
          const session = await visit.session()
          session.destroy()
          return fail()
        },
      })
      const ada = await knownVisitor(site)
      const gate = site.store.holdBack('delete')
      const response = await savedThenAnswered(site, ada.fetch('/fail'), gate)
      assert.equal(response.status, 500)
      await response.text()
    })
  }
}

/** What a program may do in place of a good answer. */
const failures: Readonly<Record<string, () => Answer>> = {
  'the answer has status 500': () => page('sorry', { status: 500 }),
  'the program throws': () => {
    throw new Error('the program failed')
  },
}

/** What a new visitor gets who is to be remembered, and that it comes when they are, with the cookie. */
async function answerTo(open: OpenSite, answer: Answer, init?: RequestInit): Promise<Response> {
  const site = await open({
    '/': async visit => {
      const session = await visit.session()
      session.set('name', 'ada')
      return answer
    },
  })
  const ada = site.visitor()
  const response = await savedThenAnswered(site, ada.fetch('/', init), site.store.holdBack('create'))
  assert.equal(response.status, answer.status)
  assert.equal(response.headers.getSetCookie().length, 1)
  site.store.repair()
  assert.equal(await textOf(ada.fetch('/name')), 'ada')
  return response
}

/** Opens the gate of the store only when an answer that did not wait for it would long be there. */
async function savedThenAnswered(
  site: Site,
  answer: Promise<Response>,
  gate: { arrived: Promise<void>; open(): void },
): Promise<Response> {
  const order: string[] = []
  const noted = answer.then(response => {
    order.push('answered')
    return response
  })
  await Promise.race([gate.arrived, noted])
  for (let times = 0; times < 3; times++) await textOf(site.visitor().fetch('/plain'))
  order.push('saved')
  gate.open()
  const response = await noted
  assert.deepEqual(order, ['saved', 'answered'])
  return response
}

async function* parts(...texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) yield text
}
