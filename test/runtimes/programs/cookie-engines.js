import { createSessions } from 'keepsake'
import { encryptedCookie } from 'keepsake/engines/encrypted-cookie'
import { signedCookie } from 'keepsake/engines/signed-cookie'
import { memoryStore } from 'keepsake/stores/memory'
import { tellStory } from './visitor.js'

const secrets = '3f6c0b2e9d7a41585ce0a1f4b7d2936840e5c1aa'
const encrypted = createSessions({ engine: encryptedCookie({ secrets }) })
const signed = createSessions({ engine: signedCookie({ secrets }) })
const revocable = createSessions({ engine: encryptedCookie({ secrets, revocations: memoryStore() }) })

export async function run() {
  await tellStory(encrypted, { revocable: false })
  await tellStory(signed, { revocable: false })
  await tellStory(revocable, { revocable: false })
}
