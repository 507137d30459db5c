import { inflateSync } from 'node:zlib'
import { expect } from 'vitest'
import type { PythonValue } from '../src/django/python-value.ts'
import type { Verified } from '../src/django/signer.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a vector holds depends on its kind
export type Fields = Record<string, any>

/** One observation of a running Django. */
export interface Vector {
  readonly id: string
  readonly kind: string
  readonly django: string
  readonly input: Fields
  readonly expected: Fields
  /** The object or session of the input, with its types. */
  readonly given: PythonValue
}

export type Dict = ReadonlyMap<string, PythonValue>

export const ms = (seconds: number): number => seconds * 1000
const reasons = { BadSignature: 'bad-signature', SignatureExpired: 'expired' }

export function outcome<T>(expected: Fields): Verified<T> {
  if ('ok' in expected) return { ok: true, value: expected.ok }
  return { ok: false, why: reasons[expected.error as keyof typeof reasons] as 'expired' }
}

/** What checks the vectors of each kind. */
export type Checks = Readonly<Record<string, (vector: Vector) => void | Promise<void>>>

/** The text as far as it does not depend on the zlib that made it. */
function unzipped(signed: string): [boolean, string] {
  const [, zipped, text = ''] = /^(\.?)([\w-]*):/.exec(signed) ?? []
  const bytes = Buffer.from(text, 'base64url')
  return [zipped === '.', (zipped ? inflateSync(bytes) : bytes).toString('latin1')]
}

/** Ours holds the same, is compressed where Django's is, and is byte for byte the same where nothing is compressed. */
export function expectSameText(ours: string, theirs: string): void {
  expect(unzipped(ours)).toEqual(unzipped(theirs))
  if (!theirs.startsWith('.')) expect(ours).toBe(theirs)
}

export function thrown(run: () => unknown): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    return String((error as { code?: string }).code)
  }
}

export function secretsOf(input: Fields): { secretKey: string | Uint8Array; fallbacks: string[] } {
  const key = input.key_b64 ? Buffer.from(input.key_b64, 'base64') : (input.key ?? input.SECRET_KEY)
  return { secretKey: key, fallbacks: input.fallback_keys ?? input.SECRET_KEY_FALLBACKS ?? [] }
}
