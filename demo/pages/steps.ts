import { type Html, html } from '../html.ts'
import type { View } from '../layout.ts'
import { cookie, days } from '../sessions.ts'
import { type Evidence, type Kept, renewalMs } from './evidence.ts'
import { type Fact, facts } from './facts.ts'

type StepName = keyof View['words']['steps']

/** A session's life, step by step, each with what this visitor has to show for it. */
export function nineSteps(view: View, evidence: Evidence): Html {
  const { kept } = evidence
  const proofs = kept ? proofsOf(view, kept) : proofsOfNobody(view, evidence)
  const here: StepName = kept ? 'back' : 'asked'
  const { steps, inside } = view.words
  return html`<ol class="steps">${Object.entries(steps).map(([name, { title, text }]) => {
    const proof = proofs[name as StepName]
    const isHere = name === here
    return html`<li${isHere && html` class="here"`}>
<div>
<h3>${title}</h3>
<p>${text}</p>
${isHere && html`<p class="badge">${inside.here}</p>`}
</div>
${proof ? facts(proof) : html`<p class="not-yet">${inside.notYet}</p>`}
</li>`
  })}</ol>`
}

function proofsOf({ words: { steps }, format }: View, kept: Kept): Record<StepName, Fact[]> {
  const { first, asked, token, id, written, sent, back, changed, ended } = steps
  const pair = `${cookie.name}=${kept.token}`
  const lasting = kept.endsWithBrowser ? '' : ` Max-Age=${days.idle * 86_400};`
  return {
    first: [[first.yours, format.time(kept.createdAt)]],
    asked: [
      ['session.id', 'null'],
      [asked.calls, 0],
    ],
    token: [
      [token.yours, kept.token],
      [token.size, token.length(kept.tokenLength)],
    ],
    id: [[id.yours, `${kept.token} → ${kept.id}`]],
    written: [
      [written.payload, written.bytes(Buffer.byteLength(kept.payload))],
      [written.version, kept.version],
    ],
    sent: [[sent.yours, `Set-Cookie: ${pair};${lasting} ${cookie.attributes}`]],
    back: [
      [back.cookie, `Cookie: ${pair}`],
      ['SHA-256', `${kept.hash} ${back.same(kept.hash === kept.id)}`],
      [back.reads, 1],
    ],
    changed: [
      [changed.version, kept.version],
      [changed.renewal, `${Math.floor(renewalMs / 3_600_000)} h ${(renewalMs / 60_000) % 60} min`],
      [changed.next, kept.nextRenewal ? format.time(kept.nextRenewal) : changed.never],
    ],
    ended: [
      [ended.logout, ended.button],
      [ended.idle, format.time(kept.idleEnd)],
      [ended.absolute, format.time(kept.absoluteEnd)],
    ],
  }
}

/** A visitor without a session has come as far as the second step. */
function proofsOfNobody(
  { words: { steps } }: View,
  { cookieSent, records }: Evidence,
): Partial<Record<StepName, Fact[]>> {
  const { first, asked } = steps
  return {
    first: [[first.header, cookieSent ? first.dead : first.none]],
    asked: [
      ['session.id', 'null'],
      [asked.records, asked.noneYours(records)],
    ],
  }
}
