import type { KeyObject } from 'node:crypto'
import { deriveKey } from '../../crypto/derive-key.ts'
import { type KeyRing, keysOf } from '../../crypto/key-ring.ts'
import { labels } from '../../crypto/labels.ts'
import { perRing } from '../../crypto/per-ring.ts'

/** At least one key. The first signs, all verify. */
export type MacKeys = readonly [KeyObject, ...KeyObject[]]

/** The keys of a ring for tokens of one purpose and name, which are good for no other. */
export const macKeys: (ring: KeyRing, purpose: string, name: string) => MacKeys = perRing((ring, purpose, name) => {
  const derived = ({ secret }: { secret: KeyObject }): KeyObject => deriveKey(secret, labels.sign, purpose, name)
  const [first, ...older] = keysOf(ring)
  return [derived(first), ...older.map(derived)]
})
