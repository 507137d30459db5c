// What it costs to get from a token to its id, beside other ways to the same hash. Run it with Node:
//   node src/session/token.bench.ts
import { createHash, hash, randomBytes } from 'node:crypto'
import { sideBySide } from '../crypto/side-by-side.bench.ts'
import { createToken, isToken, tokenToId } from './token.ts'

/** Each run gets another token, as each request may, in a string that nothing is known of yet. */
const tokens = Array.from({ length: 4096 }, () => randomBytes(32).toString('base64url'))
let turn = 0
const next = (): string => tokens[turn++ % tokens.length] ?? ''

await sideBySide('from a token to its id', {
  tokenToId: () => tokenToId(next()),
  'isToken and tokenToId': () => {
    const token = next()
    return isToken(token) && tokenToId(token)
  },
  isToken: () => isToken(next()),
  'crypto.hash, hex': () => hash('sha256', next()),
  'createHash, base64url': () => createHash('sha256').update(next()).digest('base64url'),
  'crypto.subtle.digest': () => crypto.subtle.digest('SHA-256', Buffer.from(next())),
})
await sideBySide('a new token', { createToken: () => createToken(), 'randomBytes(32)': () => randomBytes(32) })
