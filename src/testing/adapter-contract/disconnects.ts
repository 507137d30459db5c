import assert from 'node:assert/strict'
import { Gate } from './gate.ts'
import { eventually, knownVisitor, textOf } from './site.ts'
import { firstBytes, type Late, streaming } from './streaming.ts'
import type { AdapterSuite } from './suite.ts'

/** What a client may do at any time: go away. */
export function tellOfDisconnects(suite: AdapterSuite): void {
  suite.group('a client that goes away', () => tellOfLeaving(suite))
}

function tellOfLeaving({ story }: AdapterSuite): void {
  story('in the middle of a stream leaves its session whole', async open => {
    const gate = new Gate()
    const ended = Promise.withResolvers<void>()
    let visits = 1
    // A stream that was waiting to be read may end where it waits, and so never come here.
    const late: Late = session => {
      visits = session.update('visits', (n = 0) => n + 1)
    }
    const site = await open({ '/stream': streaming(gate, late, ended.resolve) })
    const ada = await knownVisitor(site)
    const stream = await firstBytes(await ada.fetch('/stream'))
    await stream.leave().catch(() => undefined)
    gate.open()
    await ended.promise
    await eventually(() => textOf(ada.fetch('/visits')), String(visits))
    assert.equal(await textOf(ada.fetch('/count')), String(visits + 1))
  })

  story('while its session is saved leaves that whole', async open => {
    const site = await open()
    const ada = await knownVisitor(site)
    const gate = site.store.holdBack('replace')
    const leaving = new AbortController()
    const answer = ada.fetch('/count', { signal: leaving.signal }).catch(() => undefined)
    await gate.arrived
    leaving.abort()
    await Promise.race([answer, textOf(ada.fetch('/plain'))])
    gate.open()
    await answer
    await eventually(() => textOf(ada.fetch('/visits')), '2')
    assert.equal(await textOf(ada.fetch('/count')), '3')
  })
}
