import { checkKey, hasProtoKey, invalid, jsonCopy } from './json-value.ts'

/**
 * Writes and reads session data in place of JSON, to keep what JSON cannot: the module `devalue` is one as it is.
 * `stringify` throws on what it cannot keep, and `parse` gives back an equal value or throws.
 *
 * @example
 * import * as devalue from 'devalue'
 * createSessions({ store, codec: devalue })   // Date, Map, Set and BigInt survive
 */
export interface DataCodec {
  stringify(value: unknown): string
  parse(text: string): unknown
}

/** A copy of what will be kept of a value, made when it is set, so that the error points at the line that set it. */
export function keptCopy(key: string, value: unknown, codec?: DataCodec): unknown {
  checkKey(key, value)
  if (value === undefined) throw invalid(key, 'undefined (to remove a key, use delete)')
  if (!codec) return jsonCopy(value, key)
  try {
    const text = codec.stringify(value)
    const copy = codec.parse(text)
    if (!hasProtoKey(copy, text)) return copy
  } catch (cause) {
    throw invalid(key, 'not something that the codec can keep', cause)
  }
  throw invalid(key, 'hiding a key named __proto__, or a constructor with a prototype')
}
