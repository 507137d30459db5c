import { type Leaf, leaves, lengthOf } from './python-pickle-leaves.ts'
import { PickleTree } from './python-pickle-tree.ts'
import { holdsUtf8 } from './python-utf8.ts'
import { maxDepth, maxDigits, maxValues } from './python-value.ts'

/** A pickle's values as places in it, and the one that holds the others. */
export interface ScannedPickle {
  readonly tree: PickleTree
  readonly root: number
}

/**
 * What a pickle says; null if it says anything but plain data, or too much. Nothing is made of its values: what is kept takes less
 * than 1 MB, whatever the pickle, and goes by what is there, not by what is announced.
 */
export function scanPickle(pickle: Uint8Array, maxBytes: number): ScannedPickle | null {
  if (pickle.length > maxBytes) return null
  try {
    return new Scan(pickle, maxBytes).all()
  } catch (error) {
    if (error instanceof Refused) return null
    throw error
  }
}

/** Ends the walk over a pickle; it never leaves this file. */
class Refused extends Error {}

function refuseIf(bad: boolean): void {
  if (bad) throw new Refused()
}

/** An int of `maxDigits` digits has no more bytes than this. */
const maxIntBytes = Math.ceil((maxDigits * Math.log2(10)) / 8) + 1
/** JavaScript finds keys that are no text by a hash that anybody can compute, and could make alike for all. */
const maxKeysOfNumbers = 1000
const [list, dict] = [93, 125]

class Scan {
  readonly #pickle: Uint8Array
  readonly #tree: PickleTree
  readonly #stack: Int32Array
  readonly #memo: Int32Array
  /** How high the stack was at each mark. */
  readonly #marks: number[] = []
  #at = 0
  #height = 0
  #remembered = 0
  /** Nothing is taken from the stack but to be part of another value, so all that is pushed counts. */
  #left: number
  /** Python takes two opcodes for a value, one to make it and one to remember or to place it. */
  #opcodesLeft: number
  #keysOfNumbers = 0

  constructor(pickle: Uint8Array, maxBytes: number) {
    // A value takes a byte or more.
    const room = Math.min(pickle.length, maxValues(maxBytes))
    this.#pickle = pickle
    this.#tree = new PickleTree(room, maxBytes)
    const cells = new Int32Array(2 * room)
    this.#stack = cells.subarray(0, room)
    this.#memo = cells.subarray(room)
    this.#left = room
    this.#opcodesLeft = 3 * room
  }

  all(): ScannedPickle {
    const version = this.#uint(1) === 0x80 ? this.#uint(1) : 0
    refuseIf(version < 2 || version > 5)
    for (let opcode = this.#uint(1); opcode !== 0x2e; opcode = this.#uint(1)) this.#run(opcode)
    refuseIf(this.#height !== 1 || this.#marks.length > 0)
    return { tree: this.#tree, root: this.#stack[0] ?? 0 }
  }

  #run(opcode: number): void {
    refuseIf(--this.#opcodesLeft < 0)
    const leaf = leaves[opcode]
    const step = leaf ? null : Scan.#steps[opcode]
    if (leaf) this.#leaf(leaf)
    else if (step) step(this)
    else throw new Refused()
  }

  /** Every opcode that is known and no leaf, under its number. */
  static readonly #steps: Readonly<Record<number, (scan: Scan) => void>> = {
    40: scan => scan.#mark(),
    41: scan => scan.#tuple(scan.#height), // EMPTY_TUPLE
    93: scan => scan.#push(scan.#node()), // EMPTY_LIST
    97: scan => scan.#append(scan.#height - 1),
    101: scan => scan.#append(scan.#unmark()),
    104: scan => scan.#push(scan.#recall(scan.#uint(1))), // BINGET
    106: scan => scan.#push(scan.#recall(scan.#uint(4))),
    113: scan => scan.#remember(scan.#uint(1)), // BINPUT
    114: scan => scan.#remember(scan.#uint(4)),
    115: scan => scan.#assign(scan.#height - 2),
    116: scan => scan.#tuple(scan.#unmark()),
    117: scan => scan.#assign(scan.#unmark()),
    125: scan => scan.#push(scan.#node()), // EMPTY_DICT
    133: scan => scan.#tuple(scan.#height - 1),
    134: scan => scan.#tuple(scan.#height - 2),
    135: scan => scan.#tuple(scan.#height - 3),
    148: scan => scan.#remember(scan.#remembered), // MEMOIZE
    149: scan => scan.#skip(8), // FRAME: a hint for who reads from a stream
  }

  #leaf(leaf: Leaf): void {
    const start = this.#at - 1
    const length = lengthOf(leaf, this.#pickle, this.#at)
    this.#skip(leaf.prefix + length)
    refuseIf(leaf.type === 'int' && length > maxIntBytes)
    refuseIf(leaf.type === 'text' && !holdsUtf8(this.#pickle, this.#at - length, this.#at))
    const isText = leaf.type === 'text' || leaf.type === 'bytes'
    this.#push(this.#node(start, isText ? length : 0))
  }

  #node(at: number = this.#at - 1, bytes: number = 0): number {
    refuseIf(this.#left <= 0)
    return this.#tree.add(at, bytes)
  }

  #push(node: number): void {
    refuseIf(this.#left-- <= 0)
    this.#stack[this.#height++] = node
  }

  #mark(): void {
    refuseIf(this.#marks.length > maxDepth)
    this.#marks.push(this.#height)
  }

  /** Where on the stack that begins which was pushed since the mark. */
  #unmark(): number {
    refuseIf(this.#marks.length === 0)
    return this.#marks.pop() ?? 0
  }

  #tuple(from: number): void {
    const tuple = this.#node()
    this.#fill(tuple, from)
    this.#push(tuple)
  }

  #append(from: number): void {
    this.#fill(this.#container(from, list), from)
  }

  #assign(from: number): void {
    const container = this.#container(from, dict)
    refuseIf((this.#height - from) % 2 === 1)
    for (let i = from; i < this.#height; i += 2) this.#key(this.#stack[i] ?? 0)
    this.#fill(container, from)
  }

  /** What stands below the members, taken from the stack. */
  #container(from: number, opcode: number): number {
    const node = this.#stack[from - 1] ?? 0
    refuseIf(from <= this.#floor() || this.#pickle[this.#tree.at(node)] !== opcode)
    return node
  }

  #fill(container: number, from: number): void {
    refuseIf(from < this.#floor())
    for (let i = from; i < this.#height; i++) refuseIf(!this.#tree.put(container, this.#stack[i] ?? 0))
    this.#height = from
  }

  #floor(): number {
    return this.#marks[this.#marks.length - 1] ?? 0
  }

  #key(node: number): void {
    const { type } = leaves[this.#pickle[this.#tree.at(node)] ?? 0] ?? { type: 'bytes' }
    refuseIf(type === 'bytes' || (type !== 'text' && ++this.#keysOfNumbers > maxKeysOfNumbers))
  }

  /** Python counts up what it remembers, and puts nothing in the place of another. */
  #remember(index: number): void {
    refuseIf(this.#height <= this.#floor() || index !== this.#remembered || index >= this.#memo.length)
    this.#memo[index] = this.#stack[this.#height - 1] ?? 0
    this.#remembered++
  }

  #recall(index: number): number {
    refuseIf(index >= this.#remembered)
    return this.#memo[index] ?? 0
  }

  /** The lowest byte first. */
  #uint(length: 1 | 4): number {
    this.#skip(length)
    let value = 0
    for (let i = 1; i <= length; i++) value = value * 256 + (this.#pickle[this.#at - i] ?? 0)
    return value
  }

  #skip(length: number): void {
    this.#at += length
    refuseIf(this.#at > this.#pickle.length)
  }
}
