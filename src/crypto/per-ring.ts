import { KeepsakeError } from '../errors.ts'
import type { KeyRing } from './key-ring.ts'

/** More names than a program writes into its source; if they come from clients, memory still ends here. */
const most = 1000

/** No zero byte, so that parts joined by one stay apart; no character with two spellings in UTF-8. */
const printable = /^[\x20-\x7e]+$/

/** Makes what belongs to one ring, purpose and name once, and gives the same again. */
export function perRing<T>(
  make: (ring: KeyRing, purpose: string, name: string) => T,
): (ring: KeyRing, purpose: string, name: string) => T {
  const made = new WeakMap<KeyRing, Map<string, T>>()
  return (ring, purpose, name) => {
    const ofRing = made.get(ring) ?? new Map<string, T>()
    const context = `${purpose}\0${name}`
    const known = ofRing.get(context)
    if (known !== undefined) return known
    checkPart('purpose', purpose)
    checkPart('name', name)
    const one = make(ring, purpose, name)
    if (ofRing.size >= most) ofRing.clear()
    made.set(ring, ofRing.set(context, one))
    return one
  }
}

function checkPart(option: string, text: string): void {
  if (printable.test(text)) return
  throw new KeepsakeError('OPTION_INVALID', `${option} is ${JSON.stringify(text)}, and must be printable ASCII`)
}
