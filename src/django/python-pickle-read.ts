import { decodeUtf8 } from './python-utf8.ts'
import {
  defaultMaxBytes,
  maxDepth,
  maxDigits,
  maxValues,
  PythonFloat,
  type PythonKey,
  PythonTuple,
  type PythonValue,
  pythonFloat,
  pythonInt,
} from './python-value.ts'

/**
 * The value of a pickle that Python 3 wrote (protocols 2 to 5), if it holds nothing but what `PythonValue` has; else
 * undefined. Where `pickle.loads` runs what the pickle says, this refuses: no opcode that names a class or calls anything is
 * known here. Never throws. Memory stays within a small multiple of the pickle's size, and what its references would
 * unfold to stays within `maxBytes` too: values that contain themselves, or the same list over and over, are refused.
 */
export function readPickle(pickle: Uint8Array, maxBytes: number = defaultMaxBytes): PythonValue | undefined {
  if (pickle.length > maxBytes) return undefined
  try {
    const value = new Reader(pickle).readAll()
    new Measure(maxBytes).add(value, 0)
    return value
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

/** What ends the reading of a pickle; it never leaves this file. */
class Refused extends Error {}

/** An int of `maxDigits` digits has no more bytes than this. */
const maxIntBytes = Math.ceil((maxDigits * Math.log2(10)) / 8) + 1

/** Far more than a session takes. A value that waits for its container takes no more of the stack than a batch of a thousand, a level. */
const maxOpcodes: number = 2 * maxValues
const maxStack = 10_000

const mark = Symbol('mark')
type Slot = PythonValue | typeof mark

class Reader {
  readonly #bytes: Buffer
  readonly #stack: Slot[] = []
  readonly #memo = new Map<number, PythonValue>()
  #at = 0
  #left = maxOpcodes
  #pushed = 0

  constructor(pickle: Uint8Array) {
    this.#bytes = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.length)
  }

  readAll(): PythonValue {
    if (this.#byte() !== 0x80 || !within(this.#byte(), 2, 5)) throw new Refused()
    for (let opcode = this.#byte(); opcode !== 0x2e; opcode = this.#byte()) this.#run(opcode)
    const value = this.#pop()
    if (this.#stack.length > 0) throw new Refused()
    return value
  }

  #run(opcode: number): void {
    const step = Reader.#steps[opcode]
    this.#left--
    if (!step || this.#left < 0 || this.#stack.length > maxStack) throw new Refused()
    step(this)
  }

  /** Every opcode that is known, under its number. */
  static readonly #steps: Readonly<Record<number, (reader: Reader) => void>> = {
    40: reader => reader.#stack.push(mark),
    41: reader => reader.#push(new PythonTuple([])),
    66: reader => reader.#push(Uint8Array.from(reader.#take(reader.#uint(4)))), // BINBYTES
    67: reader => reader.#push(Uint8Array.from(reader.#take(reader.#byte()))), // SHORT_BINBYTES
    71: reader => reader.#push(pythonFloat(reader.#take(8).readDoubleBE())),
    74: reader => reader.#push(reader.#take(4).readInt32LE()),
    75: reader => reader.#push(reader.#byte()),
    77: reader => reader.#push(reader.#uint(2)),
    78: reader => reader.#push(null),
    88: reader => reader.#push(reader.#text(reader.#uint(4))), // BINUNICODE
    93: reader => reader.#push([]),
    97: reader => reader.#extend([reader.#pop()]),
    101: reader => reader.#extend(reader.#popToMark()),
    104: reader => reader.#push(reader.#remembered(reader.#byte())), // BINGET
    106: reader => reader.#push(reader.#remembered(reader.#uint(4))),
    113: reader => reader.#remember(reader.#byte()), // BINPUT
    114: reader => reader.#remember(reader.#uint(4)),
    115: reader => reader.#assign(reader.#popMany(2)),
    116: reader => reader.#push(new PythonTuple(reader.#popToMark())),
    117: reader => reader.#assign(reader.#popToMark()),
    125: reader => reader.#push(new Map()),
    133: reader => reader.#push(new PythonTuple(reader.#popMany(1))),
    134: reader => reader.#push(new PythonTuple(reader.#popMany(2))),
    135: reader => reader.#push(new PythonTuple(reader.#popMany(3))),
    136: reader => reader.#push(true),
    137: reader => reader.#push(false),
    138: reader => reader.#push(reader.#int(reader.#byte())), // LONG1
    139: reader => reader.#push(reader.#int(reader.#uint(4))),
    140: reader => reader.#push(reader.#text(reader.#byte())), // SHORT_BINUNICODE
    141: reader => reader.#push(reader.#text(reader.#uint64())),
    142: reader => reader.#push(Uint8Array.from(reader.#take(reader.#uint64()))),
    148: reader => reader.#remember(reader.#memo.size), // MEMOIZE
    149: reader => void reader.#uint64(), // FRAME: a hint for who reads from a stream
  }

  #push(value: PythonValue): void {
    this.#stack.push(value)
    this.#pushed++
  }

  #pop(): PythonValue {
    const slot = this.#stack.pop()
    if (slot === undefined || slot === mark) throw new Refused()
    return slot
  }

  #popMany(count: number): PythonValue[] {
    const values = this.#stack.splice(-count)
    if (values.length < count || values.includes(mark)) throw new Refused()
    return values as PythonValue[]
  }

  #popToMark(): PythonValue[] {
    const at = this.#stack.lastIndexOf(mark)
    if (at === -1) throw new Refused()
    const values = this.#stack.slice(at + 1) as PythonValue[]
    this.#stack.length = at
    return values
  }

  #top(): Slot | undefined {
    return this.#stack.at(-1)
  }

  #extend(items: readonly PythonValue[]): void {
    const list = this.#top()
    if (!Array.isArray(list)) throw new Refused()
    for (const item of items) list.push(item)
  }

  #assign(members: readonly PythonValue[]): void {
    const dict = this.#top()
    if (!(dict instanceof Map) || members.length % 2 === 1) throw new Refused()
    for (let i = 0; i < members.length; i += 2) dict.set(asKey(members[i]), members[i + 1])
  }

  #remember(index: number): void {
    const value = this.#top()
    // What Python remembers is new each time, so its memo is never longer than what it has read.
    if (value === undefined || value === mark || this.#memo.size > this.#pushed) throw new Refused()
    this.#memo.set(index, value)
  }

  #remembered(index: number): PythonValue {
    const value = this.#memo.get(index)
    if (value === undefined) throw new Refused()
    return value
  }

  #text(length: number): string {
    const text = decodeUtf8(this.#take(length))
    if (text === undefined) throw new Refused()
    return text
  }

  /** Two's complement, the lowest byte first. */
  #int(length: number): number | bigint {
    if (length > maxIntBytes) throw new Refused()
    const hex = Buffer.from(this.#take(length)).reverse().toString('hex')
    return pythonInt(BigInt.asIntN(length * 8, BigInt(`0x${hex || '0'}`)))
  }

  #byte(): number {
    return this.#take(1).readUInt8()
  }

  #uint(length: number): number {
    return this.#take(length).readUIntLE(0, length)
  }

  #uint64(): number {
    return Number(this.#take(8).readBigUInt64LE())
  }

  /** Checks the length before anything of that length is made. */
  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Refused()
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

function within(value: number, from: number, to: number): boolean {
  return value >= from && value <= to
}

function asKey(value: PythonValue | undefined): PythonKey {
  if (value === undefined || (typeof value === 'object' && value !== null && !(value instanceof PythonFloat))) {
    throw new Refused()
  }
  return value
}

/** What a value takes when each reference in it is followed: a pickle of a few bytes can refer to one list a billion times. */
class Measure {
  #bytes: number
  #values: number = maxValues

  constructor(maxBytes: number) {
    this.#bytes = maxBytes
  }

  add(value: PythonValue, depth: number): void {
    this.#values--
    if (typeof value === 'string' || value instanceof Uint8Array) this.#bytes -= value.length
    if (this.#values < 0 || this.#bytes < 0 || depth > maxDepth) throw new Refused()
    if (Array.isArray(value)) for (const item of value) this.add(item, depth + 1)
    else if (value instanceof PythonTuple) for (const item of value.items) this.add(item, depth + 1)
    else if (value instanceof Map) for (const pair of value) for (const part of pair) this.add(part, depth + 1)
  }
}
