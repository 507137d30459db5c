import { describe, expect, it } from 'vitest'
import { Browser, gate, site } from '../../test/support/site.ts'
import { withSessions } from '../adapters/fetch.ts'
import { createSessions } from '../create-sessions.ts'
import { memoryStore } from '../stores/memory.ts'
import type { Session } from './session.ts'

interface Message {
  readonly level: 'success' | 'error'
  readonly text: string
}

interface Data {
  messages: Message[]
  notes?: string[]
  name: string
}

describe('a message for the next page', () => {
  const saved: Message = { level: 'success', text: 'Saved.' }

  function visitor() {
    const sessions = createSessions<Data>({ store: memoryStore(), onEvent: () => undefined })
    const pages: Record<string, (session: Session<Data>) => unknown> = {
      '/save': session => session.flash('messages', saved),
      '/fail': session => {
        session.take('messages')
        return new Response('', { status: 500 })
      },
      '/': session => session.take('messages') ?? [],
    }
    const handler = withSessions(sessions, async request => {
      const shown = pages[new URL(request.url).pathname]?.(await sessions.of(request))
      return shown instanceof Response ? shown : Response.json(shown ?? null)
    })
    return new Browser(handler)
  }

  it('is shown once', async () => {
    const browser = visitor()
    await browser.see('/save')
    expect(await browser.see('/')).toEqual([saved])
    expect(await browser.see('/')).toEqual([])
  })

  it('waits for a page, together with others', async () => {
    const browser = visitor()
    for (let i = 0; i < 3; i++) await browser.see('/save')
    expect(await browser.see('/')).toEqual([saved, saved, saved])
  })

  it('is not lost with a page that could not be shown', async () => {
    const browser = visitor()
    await browser.see('/save')
    await browser.open('/fail')
    expect(await browser.see('/')).toEqual([saved])
  })

  it('does not fill the session of a robot that never looks: the last 20 are kept', async () => {
    const browser = visitor()
    for (let i = 0; i < 30; i++) await browser.see('/save')
    expect(await browser.see('/')).toHaveLength(20)
  })

  it('is of the type that the program declared', () => {
    const wrong = (session: Session<Data>): void => {
      session.flash('notes', 'a text')
      // @ts-expect-error a level that there is not
      session.flash('messages', { level: 'loud', text: 'Saved.' })
      // @ts-expect-error no list
      session.flash('name', 'Ada')
    }
    expect(wrong).toBeTypeOf('function')
  })
})

describe('messages of two requests at the same moment', () => {
  it('are both shown', async () => {
    const meeting = gate()
    const sessions = createSessions<{ count: number; name: string; cart: string[]; theme: string }>({
      store: memoryStore(),
      onEvent: () => undefined,
    })
    const browser = new Browser(
      site(sessions, {
        '/slow': async session => {
          ;(await session()).flash('cart', 'slow')
          await meeting.wait()
        },
        '/fast': async session => (await session()).flash('cart', 'fast'),
        '/': async session => (await session()).take('cart'),
      }),
    )
    await browser.see('/fast')
    expect(await browser.see('/')).toEqual(['fast'])
    const slow = browser.see('/slow')
    await meeting.reached
    await browser.see('/fast')
    meeting.open()
    await slow
    expect(await browser.see('/')).toEqual(['fast', 'slow'])
  })
})
