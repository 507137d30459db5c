import assert from 'node:assert/strict'
import { isKeepsakeError } from '../../errors.ts'
import { page, type Visit } from './app.ts'
import { Gate } from './gate.ts'
import { assertNoCookie, eventually, knownVisitor, textOf } from './site.ts'
import { firstBytes, type Late, streaming } from './streaming.ts'
import type { AdapterSuite } from './suite.ts'

/** What becomes of a session while an answer is under way, when its headers have left. */
export function tellOfStreams(suite: AdapterSuite): void {
  suite.group('a stream', () => {
    tellOfLateChanges(suite)
    tellOfLateCookies(suite)
    tellOfLateTroubles(suite)
  })
}

function tellOfLateChanges({ story, holdsEnd }: AdapterSuite): void {
  story('saves what changes before its first byte before that', async open => {
    const gate = new Gate()
    const site = await open({
      '/stream': async visit => {
        const session = await visit.session()
        session.set('name', 'ada')
        return streaming(gate, () => undefined)(visit)
      },
    })
    const ada = site.visitor()
    const stream = await firstBytes(await ada.fetch('/stream'))
    assert.equal(await textOf(ada.fetch('/name')), 'ada')
    gate.open()
    assert.match(await stream.rest(), /last/)
  })

  story('saves what changes later in a stored session', async open => {
    const gate = new Gate()
    const site = await open({ '/stream': streaming(gate, session => session.set('name', 'late')) })
    const ada = await knownVisitor(site)
    const response = await ada.fetch('/stream')
    assertNoCookie(response)
    const stream = await firstBytes(response)
    assert.equal(await textOf(ada.fetch('/name')), 'nobody')
    gate.open()
    assert.match(await stream.rest(), /last/)
    if (holdsEnd) assert.equal(await textOf(ada.fetch('/name')), 'late')
    await eventually(() => textOf(ada.fetch('/name')), 'late')
  })

  story('saves what changes when the session is first asked for in its middle', async open => {
    const gate = new Gate()
    const late = async (visit: Visit): Promise<void> => {
      const session = await visit.session()
      session.set('name', `visit ${session.get('visits')}`)
    }
    const site = await open({ '/stream': visit => page(lateOnly(gate, () => late(visit))) })
    const ada = await knownVisitor(site)
    const stream = await firstBytes(await ada.fetch('/stream'))
    assert.deepEqual(site.store.calls, [])
    gate.open()
    assert.match(await stream.rest(), /last/)
    await eventually(() => textOf(ada.fetch('/name')), 'visit 1')
  })

  story('ends the session at once when the visitor is logged out in its middle', async open => {
    const gate = new Gate()
    const site = await open({ '/stream': streaming(gate, session => session.destroy()) })
    const ada = await knownVisitor(site)
    const stream = await firstBytes(await ada.fetch('/stream'))
    gate.open()
    assert.match(await stream.rest(), /last/)
    if (holdsEnd) assert.equal(await textOf(ada.fetch('/visits')), '0')
    await eventually(() => textOf(ada.fetch('/visits')), '0')
  })
}

/** A stream that has nothing to do with a session until the gate is open. */
async function* lateOnly(gate: Gate, late: () => Promise<void>): AsyncGenerator<string> {
  yield 'first\n'
  await gate.pass()
  await late()
  yield 'last\n'
}

/** The code of what a call throws. */
function codeOf(call: () => unknown): string {
  try {
    call()
    return 'nothing'
  } catch (error) {
    return isKeepsakeError(error) ? error.code : String(error)
  }
}

function tellOfLateCookies({ story }: AdapterSuite): void {
  story('refuses, at the call, what needs a cookie that can no longer be sent', async open => {
    const gate = new Gate()
    const codes: string[] = []
    const late: Late = session => {
      codes.push(codeOf(() => session.set('name', 'late')))
      codes.push(codeOf(() => session.rotate()))
      codes.push(codeOf(() => session.setExpiry('1h')))
    }
    const site = await open({ '/stream': streaming(gate, late) })
    const response = await site.visitor().fetch('/stream')
    assertNoCookie(response)
    const stream = await firstBytes(response)
    gate.open()
    assert.match(await stream.rest(), /last/)
    assert.deepEqual(codes, ['HEADERS_SENT', 'HEADERS_SENT', 'HEADERS_SENT'])
    assert.deepEqual(site.store.calls, [])
  })

  story('refuses a new token for a known visitor, who keeps the old one', async open => {
    const gate = new Gate()
    const codes: string[] = []
    const late: Late = session => {
      codes.push(codeOf(() => session.rotate()))
      codes.push(codeOf(() => session.setExpiry('browser')))
    }
    const site = await open({ '/stream': streaming(gate, late) })
    const ada = await knownVisitor(site)
    const stream = await firstBytes(await ada.fetch('/stream'))
    gate.open()
    assert.match(await stream.rest(), /last/)
    assert.deepEqual(codes, ['HEADERS_SENT', 'HEADERS_SENT'])
    assert.equal(await textOf(ada.fetch('/count')), '2')
  })

  story('refuses to begin a session that is first asked for in its middle', async open => {
    const gate = new Gate()
    const codes: string[] = []
    const site = await open({
      '/stream': visit =>
        page(
          lateOnly(gate, async () => {
            const session = await visit.session()
            codes.push(codeOf(() => session.set('name', 'late')))
          }),
        ),
    })
    const stream = await firstBytes(await site.visitor().fetch('/stream'))
    gate.open()
    assert.match(await stream.rest(), /last/)
    assert.deepEqual(codes, ['HEADERS_SENT'])
  })
}

function tellOfLateTroubles({ story, holdsEnd }: AdapterSuite): void {
  story('whose late change cannot be saved: that is reported, since the client was told 200', async open => {
    const gate = new Gate()
    const site = await open({ '/stream': streaming(gate, session => session.set('name', 'late')) })
    const ada = await knownVisitor(site)
    const stream = await firstBytes(await ada.fetch('/stream'))
    site.store.breakDown('replace')
    gate.open()
    if (holdsEnd) await assert.rejects(stream.rest(), 'the client sees the answer break off')
    else assert.match(await stream.rest(), /last/)
    site.store.repair()
    await eventually(async () => {
      await textOf(ada.fetch('/plain'))
      return site.events.map(({ type }) => type).join()
    }, 'late-commit-failed')
    assert.equal(await textOf(ada.fetch('/name')), 'nobody')
  })
}
