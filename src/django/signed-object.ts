import { deflateSync, inflateSync } from 'node:zlib'
import { KeepsakeError } from '../errors.ts'
import { decodeBase64Url } from './python-base64.ts'
import { readPythonJson } from './python-json-read.ts'
import { isPythonJson } from './python-json-scan.ts'
import { writePythonJson } from './python-json-write.ts'
import { defaultMaxBytes, maxValues, type PythonValue } from './python-value.ts'
import { type AgeLimit, type SignerOptions, type SigningTime, TimestampSigner, type Verified } from './signer.ts'

/** How an object is written. */
export interface DumpOptions extends SignerOptions, SigningTime {
  /** Compresses it, if that makes it shorter. @default false */
  readonly compress?: boolean
  /** Refuses what `loads` with this limit would not read: `SESSION_TOO_LARGE`. @default no limit */
  readonly maxBytes?: number | undefined
}

/** How an object is read. */
export interface LoadOptions extends SignerOptions, AgeLimit {
  /** More than this, compressed or not, is not read. @default 256 KiB */
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
  const json = writePythonJson(value)
  if (options.maxBytes !== undefined) refuseTooLarge(json, options.maxBytes)
  const data = Buffer.from(json, 'latin1')
  const compressed = options.compress ? deflateSync(data) : data
  const text = compressed.length < data.length - 1 ? `.${compressed.toString('base64url')}` : data.toString('base64url')
  return new TimestampSigner({ ...options, salt: options.salt || defaultSalt }).sign(text, options)
}

/** The value of what Django's `signing.dumps` wrote. Never throws, whatever the text. Matches `django.core.signing.loads`. */
export function loads(signed: string, options: LoadOptions): Verified<PythonValue> {
  const { maxBytes = defaultMaxBytes } = options
  if (isTooLong(signed, maxBytes)) return { ok: false, why: 'corrupt' }
  const text = new TimestampSigner({ ...options, salt: options.salt || defaultSalt }).unsign(signed, options)
  if (!text.ok) return text
  const data = unpack(text.value, maxBytes)
  const value = data && readPythonJson(data.toString('latin1'), maxBytes)
  return value === undefined ? { ok: false, why: 'corrupt' } : { ok: true, value }
}

/** Whether a text is too long to hold so many bytes, before anything is made of it. */
export function isTooLong(signed: string, maxBytes: number): boolean {
  // Four letters are three bytes, and 200 letters more than any time and signature take.
  return signed.length > maxBytes * 1.5 + 200
}

function refuseTooLarge(json: string, maxBytes: number): void {
  // Each value takes a letter or more: what is short has not too many, and need not be walked through.
  if (json.length <= maxBytes && (json.length <= maxValues(maxBytes) || isPythonJson(json, maxBytes))) return
  const limits = `of at most ${maxBytes}, and at most ${maxValues(maxBytes)} values`
  throw new KeepsakeError('SESSION_TOO_LARGE', `it has ${json.length} bytes of JSON ${limits}`)
}

/** Django has no limit here, since what is signed is its own; ours costs nothing, and holds if the key is ever lost. */
function unpack(text: string, maxBytes: number): Buffer | undefined {
  const data = decodeBase64Url(text.startsWith('.') ? text.slice(1) : text)
  if (!data || !text.startsWith('.')) return data
  try {
    return inflateSync(data, { maxOutputLength: maxBytes })
  } catch {
    return undefined
  }
}
