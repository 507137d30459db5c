import assert from 'node:assert/strict'
import { isKeepsakeError } from '../../errors.ts'
import { type Page, page } from './app.ts'
import { Gate } from './gate.ts'
import { assertNoCookie, cookieName, knownVisitor, textOf } from './site.ts'
import type { AdapterSuite } from './suite.ts'

/** What holds when a session ends while a request runs, and when a request ends badly. */
export function tellOfEndings(suite: AdapterSuite): void {
  suite.group('a session that ends while a request runs', () => tellOfEndedMeanwhile(suite))
  suite.group('an answer with status 5xx', () => tellOfFailedAnswers(suite))
  suite.group('an error that the program throws', () => tellOfThrownErrors(suite))
}

function tellOfEndedMeanwhile({ story }: AdapterSuite): void {
  story('stays gone: 409 and no cookie for the one who came too late', async open => {
    const gate = new Gate()
    const site = await open({
      '/slow': async visit => {
        const session = await visit.session()
        await gate.pass()
        session.set('name', 'late')
        return page('saved')
      },
    })
    const ada = await knownVisitor(site)
    const cookie = ada.header('/')
    const late = ada.fetch('/slow')
    await gate.arrived
    await textOf(site.visitor().fetch('/logout', { headers: { Cookie: cookie } }))
    gate.open()
    const response = await late
    assert.equal(response.status, 409)
    assertNoCookie(response)
    assert.equal(await textOf(site.visitor().fetch('/visits', { headers: { Cookie: cookie } })), '0')
  })

  story('is not brought back by a request that only read it', async open => {
    const gate = new Gate()
    const site = await open({
      '/slow': async visit => {
        const session = await visit.session()
        await gate.pass()
        return page(String(session.get('visits')))
      },
    })
    const ada = await knownVisitor(site)
    const late = ada.fetch('/slow')
    await gate.arrived
    await textOf(ada.fetch('/logout'))
    gate.open()
    const response = await late
    assertNoCookie(response)
    assert.equal(await response.text(), '1')
    assert.equal(await textOf(ada.fetch('/visits')), '0')
  })

  story('may be answered by the program itself, which commits by hand', async open => {
    const site = await open({
      '/slow': async visit => {
        const session = await visit.session()
        if (session.id) await site.store.delete(session.id)
        session.set('name', 'late')
        const error = await session.commit().catch((reason: unknown) => reason)
        return page(isKeepsakeError(error, 'SESSION_ENDED') ? 'you were logged out' : 'saved')
      },
    })
    const ada = await knownVisitor(site)
    const response = await ada.fetch('/slow')
    assertNoCookie(response)
    assert.equal(await response.text(), 'you were logged out')
  })
}

function tellOfFailedAnswers({ story }: AdapterSuite): void {
  const failing = page('sorry', { status: 500 })

  story('saves nothing', async open => {
    const changing: Page = async visit => {
      const session = await visit.session()
      session.set('name', 'ada')
      return failing
    }
    const site = await open({ '/fail': changing })
    const response = await site.visitor().fetch('/fail')
    assert.equal(response.status, 500)
    assert.equal(await response.text(), 'sorry')
    assertNoCookie(response)
    assert.deepEqual(site.store.calls, [])
    const ada = await knownVisitor(site)
    await (await ada.fetch('/fail')).text()
    assert.equal(await textOf(ada.fetch('/name')), 'nobody')
  })

  story('keeps what was committed by hand, and sends its cookie', async open => {
    const site = await open({
      '/fail': async visit => {
        const session = await visit.session()
        session.set('name', 'ada')
        await session.commit()
        session.set('name', 'not committed')
        return failing
      },
    })
    const ada = site.visitor()
    const response = await ada.fetch('/fail')
    assert.equal(response.status, 500)
    await response.text()
    assert.equal(await textOf(ada.fetch('/name')), 'ada')
  })

  story('keeps a logout', async open => {
    const site = await open({
      '/fail': async visit => {
        const session = await visit.session()
        session.destroy()
        return failing
      },
    })
    const ada = await knownVisitor(site)
    const cookie = ada.header('/')
    await (await ada.fetch('/fail')).text()
    assert.equal(ada.get(cookieName), undefined)
    assert.equal(await textOf(site.visitor().fetch('/visits', { headers: { Cookie: cookie } })), '0')
  })
}

function tellOfThrownErrors({ story }: AdapterSuite): void {
  const failing = (change: 'set' | 'destroy'): Page => {
    return async visit => {
      const session = await visit.session()
      if (change === 'set') session.set('name', 'ada')
      else session.destroy()
      throw new Error('the program failed')
    }
  }

  story("is the framework's to answer, and saves nothing", async open => {
    const site = await open({ '/throw': failing('set') })
    const ada = await knownVisitor(site)
    const response = await ada.fetch('/throw')
    assert.equal(response.status, 500)
    await response.text()
    assertNoCookie(response)
    assert.equal(await textOf(ada.fetch('/name')), 'nobody')
    assert.equal(await textOf(ada.fetch('/visits')), '1')
  })

  story('keeps a logout', async open => {
    const site = await open({ '/throw': failing('destroy') })
    const ada = await knownVisitor(site)
    const cookie = ada.header('/')
    const response = await ada.fetch('/throw')
    assert.equal(response.status, 500)
    await response.text()
    assert.equal(await textOf(site.visitor().fetch('/visits', { headers: { Cookie: cookie } })), '0')
  })
}
