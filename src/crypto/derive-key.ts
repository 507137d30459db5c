import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { Label } from './labels.ts'

/**
 * A 256-bit key for one use: HKDF-SHA-256 (RFC 5869) of the secret, without salt, with the label and what else the key is
 * bound to as `info`. The parts are joined by a zero byte, which none of them may contain, so no two lists join alike.
 *
 * The key is a KeyObject because node:crypto imports a raw key anew at each use, which takes longer than the cipher.
 */
export function deriveKey(secret: KeyObject, label: Label, ...boundTo: readonly string[]): KeyObject {
  return createSecretKey(deriveBytes(secret, [label, ...boundTo].join('\0'), 32))
}

/** The bytes that HKDF-SHA-256 gives for this `info`. */
export function deriveBytes(secret: KeyObject, info: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', info, length))
}
