// What it costs to write a record's payload and to read it, beside JSON itself. Run it with Node:
//   node src/session/codec.bench.ts
import { sideBySide } from '../crypto/side-by-side.bench.ts'
import { type Contents, decodePayload, encodePayload } from './codec.ts'

function contentsOf(bytes: number): Contents {
  const cart = Array.from({ length: Math.ceil(bytes / 50) }, (_, i) => ({ id: 1000 + i, name: `item number ${i}` }))
  const now = Date.now()
  return { data: { visits: 7, cart }, meta: { created: now, seen: now, user: 'user-1', scope: '__Host-session' } }
}

for (const bytes of [50, 1024, 8192]) {
  const contents = contentsOf(bytes)
  // As a driver hands it over: a flat text of its own.
  const payload = Buffer.from(encodePayload(contents)).toString()
  const { data: d, meta: m } = contents

  await sideBySide(`decode ${payload.length} bytes`, {
    'JSON.parse': () => JSON.parse(payload),
    decodePayload: () => decodePayload(payload),
  })
  await sideBySide(`encode ${payload.length} bytes`, {
    'JSON.stringify': () => JSON.stringify({ v: 1, d, m }),
    encodePayload: () => encodePayload(contents),
  })
}
