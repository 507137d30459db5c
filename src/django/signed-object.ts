import { deflateSync, inflateSync } from 'node:zlib'
import { readPythonJson } from './python-json-read.ts'
import { writePythonJson } from './python-json-write.ts'
import { defaultMaxBytes, type PythonValue } from './python-value.ts'
import { type AgeLimit, type SignerOptions, type SigningTime, TimestampSigner, type Verified } from './signer.ts'

/** How an object is written. */
export interface DumpOptions extends SignerOptions, SigningTime {
  /** Compresses it, if that makes it shorter. @default false */
  readonly compress?: boolean
}

/** How an object is read. */
export interface LoadOptions extends SignerOptions, AgeLimit {
  /** More than this, compressed or not, is not read. @default 1 MiB */
  readonly maxBytes?: number | undefined
}

const defaultSalt = 'django.core.signing'

/**
 * A value as signed, URL-safe text, for Django's `signing.loads`. Matches `django.core.signing.dumps`. Where Node's zlib
 * makes other bytes than Python's, the text differs, and Django reads it all the same.
 *
 * @example
 * dumps({ count: 1 }, { secretKey })   // 'eyJjb3VudCI6MX0:1r31eq:PFlp1QqO…'
 */
export function dumps(value: PythonValue, options: DumpOptions): string {
  const data = Buffer.from(writePythonJson(value), 'latin1')
  const compressed = options.compress ? deflateSync(data) : data
  const text = compressed.length < data.length - 1 ? `.${compressed.toString('base64url')}` : data.toString('base64url')
  return new TimestampSigner({ ...options, salt: options.salt || defaultSalt }).sign(text, options)
}

/** The value of what Django's `signing.dumps` wrote. Never throws, whatever the text. Matches `django.core.signing.loads`. */
export function loads(signed: string, options: LoadOptions): Verified<PythonValue> {
  const { maxBytes = defaultMaxBytes } = options
  // Four letters are three bytes, and 200 letters more than any time and signature take.
  if (signed.length > maxBytes * 1.5 + 200) return { ok: false, why: 'corrupt' }
  const text = new TimestampSigner({ ...options, salt: options.salt || defaultSalt }).unsign(signed, options)
  if (!text.ok) return text
  const data = unpack(text.value, maxBytes)
  const value = data && readPythonJson(data.toString('latin1'), maxBytes)
  return value === undefined ? { ok: false, why: 'corrupt' } : { ok: true, value }
}

/** Django has no limit here, since what is signed is its own; ours costs nothing, and holds if the key is ever lost. */
function unpack(text: string, maxBytes: number): Buffer | undefined {
  if (!text.startsWith('.')) return Buffer.from(text, 'base64url')
  try {
    return inflateSync(Buffer.from(text.slice(1), 'base64url'), { maxOutputLength: maxBytes })
  } catch {
    return undefined
  }
}
