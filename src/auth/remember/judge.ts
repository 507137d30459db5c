import { isSameText } from '../../crypto/compare.ts'
import { endOf, type Family, type RememberPolicy } from './family.ts'

/** What a presented verifier means, and what the family becomes: `next` is to be stored, null if nothing changes. */
export type Judgement =
  | {
      readonly outcome: 'restored'
      readonly next: Family | null
      /** Whether `next` holds the fresh verifier, which the browser is to get. */
      readonly issued: boolean
    }
  | { readonly outcome: 'theft'; readonly next: Family | null }
  | { readonly outcome: 'unknown' }

/** What came, and when. */
export interface Presented {
  /** Hash of the verifier that was presented. */
  readonly hash: string
  /** Whether this family issued it, ever. Who knows the selector alone can present nothing of the kind. */
  readonly genuine: boolean
  /** Hash of the verifier that may be issued. */
  readonly fresh: string
  /** In ms since 1970. */
  readonly now: number
}

/** A browser that loses more answers than this in a row has the newest one to go on with. */
const mostCurrent = 3

/**
 * The whole of "remember me" as a function. A generation is confirmed by use: only when the browser shows that it got the new
 * verifier does the old one become void, and not before the grace is over, for requests that were under way. Ages are
 * counted from when the newest verifier was issued.
 *
 * | presented                | state of the family              | outcome              | the family becomes                         |
 * |--------------------------|----------------------------------|----------------------|--------------------------------------------|
 * | anything                 | past its idle or absolute end    | unknown              |                                            |
 * | not issued by it         |                                  | unknown              |                                            |
 * | anything it issued       | stolen                           | theft                |                                            |
 * | current                  | younger than `rotateAfter`, used | restored             |                                            |
 * | current                  | younger, unused                  | restored             | used, by this one: it alone is current     |
 * | current                  | older                            | restored, new cookie | this is previous, the fresh one current    |
 * | previous                 | within the grace                 | restored             |                                            |
 * | previous                 | grace over, current unused       | restored, new cookie | the fresh one is current too               |
 * | previous                 | grace over, current used         | theft                | stolen                                     |
 * | any other that it issued |                                  | theft                | stolen                                     |
 *
 * Whoever comes with the previous one late has lost the answer, or is a thief, or was robbed: each gets a verifier of their
 * own, and all of these are current until the first of them is used, which voids the others. So the theft is noticed when
 * both have acted once more, even if the thief throws away what he gets.
 */
export function judge(family: Family, presented: Presented, policy: RememberPolicy): Judgement {
  const { hash, genuine, now } = presented
  if (!genuine || now >= endOf(family, policy)) return { outcome: 'unknown' }
  if (family.stolen) return { outcome: 'theft', next: null }
  const age = now - family.issuedAt
  if (family.current.some(known => isSameText(known, hash))) {
    return age >= policy.rotateAfterMs ? rotated(family, presented) : confirmed(family, presented)
  }
  const isPrevious = family.previous !== null && isSameText(family.previous, hash)
  if (isPrevious && age < policy.graceMs) return { outcome: 'restored', next: null, issued: false }
  if (isPrevious && !family.used) return reissued(family, presented)
  return { outcome: 'theft', next: { ...family, stolen: true } }
}

function confirmed(family: Family, { hash, now }: Presented): Judgement {
  const next = family.used ? null : { ...family, used: true, seenAt: now, current: [hash] }
  return { outcome: 'restored', next, issued: false }
}

function rotated(family: Family, { hash, fresh, now }: Presented): Judgement {
  const next = { ...family, used: false, seenAt: now, issuedAt: now, current: [fresh], previous: hash }
  return { outcome: 'restored', next, issued: true }
}

function reissued(family: Family, { fresh, now }: Presented): Judgement {
  const current = [fresh, ...family.current].slice(0, mostCurrent)
  return { outcome: 'restored', next: { ...family, seenAt: now, issuedAt: now, current }, issued: true }
}
