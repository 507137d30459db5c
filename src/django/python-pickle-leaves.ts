import { decodeUtf8 } from './python-utf8.ts'
import { type PythonValue, pythonFloat, pythonInt } from './python-value.ts'

/** What follows an opcode that makes a value which holds no other. */
export interface Leaf {
  readonly type: 'text' | 'bytes' | 'int' | 'other'
  /** How many bytes say how long the value is, or 0 if it is always the same. */
  readonly prefix: 0 | 1 | 4 | 8
  /** How long the value is, where that is always the same. */
  readonly size: number
  /** The value of its bytes, which are known to be good. */
  readonly read: (bytes: Buffer) => PythonValue
}

const text = (prefix: Leaf['prefix']): Leaf => ({
  ...{ type: 'text', prefix, size: 0 },
  read: bytes => decodeUtf8(bytes) ?? '',
})
const bytes = (prefix: Leaf['prefix']): Leaf => ({
  type: 'bytes',
  prefix,
  size: 0,
  read: given => Uint8Array.from(given),
})
const long = (prefix: Leaf['prefix']): Leaf => ({ type: 'int', prefix, size: 0, read: twosComplement })
const fixed = (size: number, read: Leaf['read']): Leaf => ({ type: 'other', prefix: 0, size, read })

/** Every such opcode that is known, under its number. */
export const leaves: Readonly<Record<number, Leaf>> = {
  66: bytes(4), // BINBYTES
  67: bytes(1), // SHORT_BINBYTES
  71: fixed(8, given => pythonFloat(given.readDoubleBE())),
  74: fixed(4, given => given.readInt32LE()),
  75: fixed(1, given => given.readUInt8()),
  77: fixed(2, given => given.readUInt16LE()),
  78: fixed(0, () => null),
  88: text(4), // BINUNICODE
  136: fixed(0, () => true),
  137: fixed(0, () => false),
  138: long(1),
  139: long(4),
  140: text(1), // SHORT_BINUNICODE
  141: text(8),
  142: bytes(8),
}

/** How long the value is whose opcode stands before this place; what is not there counts as zeros. Makes nothing. */
export function lengthOf({ prefix, size }: Leaf, pickle: Uint8Array, at: number): number {
  let length = size
  for (let i = prefix - 1; i >= 0; i--) length = length * 256 + (pickle[at + i] ?? 0)
  return length
}

/** The lowest byte first. */
function twosComplement(given: Buffer): number | bigint {
  const hex = Buffer.from(given).reverse().toString('hex')
  return pythonInt(BigInt.asIntN(given.length * 8, BigInt(`0x${hex || '0'}`)))
}
