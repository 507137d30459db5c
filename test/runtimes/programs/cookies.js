import { createSessions } from 'keepsake'
import { cookies, keyRing } from 'keepsake/cookies'
import { withSessions } from 'keepsake/fetch'
import { memoryStore } from 'keepsake/stores/memory'
import { same, Visitor } from './visitor.js'

const keys = keyRing('3f6c0b2e9d7a41585ce0a1f4b7d2936840e5c1aa')
const sessions = createSessions({ store: memoryStore() })

const handler = withSessions(sessions, async request => {
  const jar = cookies(request, keys)
  const read = [jar.get('plain'), jar.getSigned('signed'), jar.getSealed('sealed')].join()
  jar.set('plain', 'green')
  jar.setSigned('signed', 'grün')
  jar.setSealed('sealed', 'grün')
  return new Response(read)
})

export async function run() {
  const visitor = new Visitor(handler)
  same(await visitor.open('/'), '200 ,,', 'the jar of the first request')
  same(await visitor.open('/'), '200 green,grün,grün', 'the jar of the second request')
}
