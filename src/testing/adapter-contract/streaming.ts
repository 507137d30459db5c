import assert from 'node:assert/strict'
import type { Session } from '../../session/session.ts'
import { type Page, page, type StoryData, type Visit } from './app.ts'
import type { Gate } from './gate.ts'

/** What a page does in the middle of its stream. */
export type Late = (session: Session<StoryData>, visit: Visit) => unknown

/** A page that sends its first bytes, waits for the gate, does something, and sends the last ones. */
export function streaming(gate: Gate, late: Late, done: () => void = () => undefined): Page {
  return async visit => {
    const session = await visit.session()
    return page(
      (async function* () {
        try {
          yield 'first\n'
          await gate.pass()
          await late(session, visit)
          yield 'last\n'
        } finally {
          done()
        }
      })(),
    )
  }
}

/** An answer of which the first bytes were read. */
export interface BegunStream {
  /** Reads the rest. */
  rest(): Promise<string>
  /** Goes away without it. */
  leave(): Promise<void>
}

export async function firstBytes(response: Response): Promise<BegunStream> {
  assert.ok(response.body)
  const reader = response.body.getReader()
  const { value } = await reader.read()
  assert.match(new TextDecoder().decode(value), /^(data: )?first/)
  return {
    leave: () => reader.cancel(),
    async rest(): Promise<string> {
      let text = ''
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += new TextDecoder().decode(part.value)
      }
      return text
    },
  }
}
