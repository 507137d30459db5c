import { KeepsakeError } from '../errors.ts'
import { encodeUtf8 } from './python-utf8.ts'
import { dictEntries, isInt, maxDepth, PythonFloat, PythonTuple, type PythonValue } from './python-value.ts'

/**
 * A value as `pickle.dumps(value, protocol=5)` writes it, which Python 3.8 and later read. A text that was
 * written before is referred to; lists and dicts are not, since to share one means nothing between sessions.
 * Throws `VALUE_INVALID` for what nests too deep.
 */
export function writePickle(value: PythonValue): Uint8Array {
  const body = new Writer().write(value)
  // Python leaves out the frame where it is longer than what it frames.
  return body.length < 4 ? join([header, body]) : join([header, [0x95], uint64(body.length), body])
}

const header = [0x80, 5]
/** Python writes so many members before it begins another batch. */
const batch = 1000
const longestInt = 2 ** 31 - 1

class Writer {
  readonly #parts: (Uint8Array | readonly number[])[] = []
  /** The place of each text among what the reader remembers. */
  readonly #texts = new Map<string, number>()
  #memoSize = 0

  write(value: PythonValue): Uint8Array {
    this.#value(value, 0)
    this.#parts.push([0x2e])
    return join(this.#parts)
  }

  #value(value: PythonValue, depth: number): void {
    if (depth > maxDepth) throw new KeepsakeError('VALUE_INVALID', `the value is nested more than ${maxDepth} deep`)
    if (value === null) this.#parts.push([0x4e])
    else if (typeof value === 'boolean') this.#parts.push([value ? 0x88 : 0x89])
    else if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'bigint') this.#int(value)
    else if (typeof value === 'number') isInt(value) ? this.#int(value) : this.#float(value)
    else if (typeof value === 'object') this.#object(value, depth)
    else throw new KeepsakeError('VALUE_INVALID', `the value holds a ${typeof value}, which a pickle cannot`)
  }

  #object(value: object, depth: number): void {
    if (value instanceof PythonFloat) this.#float(value.value)
    else if (value instanceof Uint8Array) this.#memoized(lengthPrefixed(value, [0x43, 0x42, 0x8e]))
    else if (value instanceof PythonTuple) this.#tuple(value, depth)
    else if (Array.isArray(value)) this.#list(value, depth)
    else this.#dict(value, depth)
  }

  #text(text: string): void {
    const before = this.#texts.get(text)
    if (before !== undefined) {
      this.#parts.push(before < 256 ? [0x68, before] : [0x6a, ...int32(before)])
      return
    }
    this.#texts.set(text, this.#memoSize)
    this.#memoized(lengthPrefixed(encodeUtf8(text), [0x8c, 0x58, 0x8d]))
  }

  #int(value: number | bigint): void {
    if (value >= 0 && value <= 0xff) this.#parts.push([0x4b, Number(value)])
    else if (value >= 0 && value <= 0xffff) this.#parts.push([0x4d, Number(value) & 0xff, Number(value) >> 8])
    else if (value >= -longestInt - 1 && value <= longestInt) this.#parts.push([0x4a], int32(Number(value)))
    else this.#long(BigInt(value))
  }

  /** The fewest bytes in two's complement, the lowest first. */
  #long(value: bigint): void {
    let hex = BigInt.asUintN(byteLength(value) * 8, value).toString(16)
    hex = hex.padStart(byteLength(value) * 2, '0')
    const bytes = Buffer.from(hex, 'hex').reverse()
    this.#parts.push(...(bytes.length < 256 ? [[0x8a, bytes.length]] : [[0x8b], int32(bytes.length)]), bytes)
  }

  #float(value: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value)
    this.#parts.push([0x47], bytes)
  }

  #tuple({ items }: PythonTuple, depth: number): void {
    if (items.length > 3) this.#parts.push([0x28])
    for (const item of items) this.#value(item, depth + 1)
    if (items.length === 0) this.#parts.push([0x29])
    else this.#memoized([[[0x85, 0x86, 0x87][items.length - 1] ?? 0x74]])
  }

  #list(items: readonly PythonValue[], depth: number): void {
    this.#memoized([[0x5d]])
    this.#batches(items, [0x61, 0x65], item => this.#value(item, depth + 1))
  }

  #dict(dict: object, depth: number): void {
    this.#memoized([[0x7d]])
    this.#batches([...dictEntries(dict)], [0x73, 0x75], ([key, item]) => {
      this.#value(key, depth + 1)
      this.#value(item, depth + 1)
    })
  }

  #batches<T>(members: readonly T[], [one, many]: readonly [number, number], write: (member: T) => void): void {
    for (let at = 0; at < members.length; at += batch) {
      const some = members.slice(at, at + batch)
      if (some.length > 1) this.#parts.push([0x28])
      for (const member of some) write(member)
      this.#parts.push([some.length > 1 ? many : one])
    }
  }

  #memoized(parts: readonly (Uint8Array | readonly number[])[]): void {
    this.#parts.push(...parts, [0x94])
    this.#memoSize++
  }
}

function lengthPrefixed(
  bytes: Uint8Array,
  [short, normal]: readonly [number, number, number],
): (Uint8Array | number[])[] {
  return [bytes.length < 256 ? [short, bytes.length] : [normal, ...int32(bytes.length)], bytes]
}

function byteLength(value: bigint): number {
  const magnitude = value < 0n ? -value - 1n : value
  return Math.floor(magnitude.toString(2).length / 8) + 1
}

function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function join(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Buffer.concat(parts.map(part => (part instanceof Uint8Array ? part : Buffer.from(part))))
}
