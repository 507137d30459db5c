import { randomBytes } from 'node:crypto'

/**
 * An id for a user who joined then: a UUID of version 7 (RFC 9562 section 5.7), so that ids are in the order in which users joined,
 * and that none is ever given twice.
 */
export function newUserId(joinedAt: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Math.min(Math.max(0, joinedAt.getTime()), 2 ** 48 - 1), 0, 6)
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** What can be an id in some store: stores are given nothing else. */
export function isUserId(id: unknown): id is string {
  return typeof id === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(id)
}
