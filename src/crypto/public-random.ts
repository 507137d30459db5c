import { randomBytes } from 'node:crypto'

/** So many are drawn at once. */
const poolBytes = 3072

let pool = Buffer.alloc(0)
let used = 0

/**
 * Random bytes for what everybody may see, such as a nonce: never for a secret, since those that are handed out next lie in memory by
 * now. A call of the generator takes half as long as to seal 1 KB does, so it is called for 256 nonces at once, as Node itself does for
 * `randomUUID`.
 */
export function publicRandomBytes(size: number): Buffer {
  if (used + size > pool.length) {
    pool = randomBytes(poolBytes)
    used = 0
  }
  used += size
  return Buffer.from(pool.buffer, pool.byteOffset + used - size, size)
}
