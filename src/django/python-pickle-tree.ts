import { maxDepth, maxValues } from './python-value.ts'

/** The numbers that are kept of a node: where its opcode stands, its first and last link, and what it unfolds to. */
const field = { at: 0, first: 1, last: 2, values: 3, bytes: 4, depth: 5 } as const
const fields = 6
/** The bit of a node's depth that tells that it is part of another. */
const isPart = 2 ** 16

/**
 * Which value of a pickle holds which, as places in it. A pickle of a few bytes can refer to one list a billion times, and to a
 * list from within itself: each node knows how much it unfolds to, and what is part of another cannot grow any more, which
 * Python's pickler never asks for.
 */
export class PickleTree {
  readonly #nodes: Int32Array
  /** Of each link the child and the next link, from 1 on. */
  readonly #links: Int32Array
  readonly #limits: { readonly values: number; readonly bytes: number }
  #size = 0
  #linked = 0

  /** Room for so many values. */
  constructor(room: number, maxBytes: number) {
    // One piece: to make it is most of what a small pickle costs.
    const cells = new Int32Array(room * fields + (room + 1) * 2)
    this.#nodes = cells.subarray(0, room * fields)
    this.#links = cells.subarray(room * fields)
    this.#limits = { values: maxValues(maxBytes), bytes: maxBytes }
  }

  /** A new node: its opcode stands there, and it has so many bytes of text. */
  add(at: number, bytes: number): number {
    const node = this.#size++
    this.#set(node, field.at, at)
    this.#set(node, field.values, 1)
    this.#set(node, field.bytes, bytes)
    return node
  }

  /** Where the opcode of a node stands. */
  at(node: number): number {
    return this.#get(node, field.at)
  }

  /** Makes one node the last part of another. False if that would be too much, or a circle. */
  put(parent: number, child: number): boolean {
    this.#set(child, field.depth, this.#get(child, field.depth) | isPart)
    if (this.#get(parent, field.depth) & isPart) return false
    const values = this.#get(parent, field.values) + this.#get(child, field.values)
    const bytes = this.#get(parent, field.bytes) + this.#get(child, field.bytes)
    const depth = Math.max(this.#get(parent, field.depth), (this.#get(child, field.depth) & ~isPart) + 1)
    this.#set(parent, field.values, values)
    this.#set(parent, field.bytes, bytes)
    this.#set(parent, field.depth, depth)
    this.#link(parent, child)
    return values <= this.#limits.values && bytes <= this.#limits.bytes && depth <= maxDepth
  }

  /** The parts of a node, in their order. */
  parts(node: number): number[] {
    const parts: number[] = []
    for (let link = this.#get(node, field.first); link > 0; link = this.#links[link * 2 + 1] ?? 0) {
      parts.push(this.#links[link * 2] ?? 0)
    }
    return parts
  }

  #link(parent: number, child: number): void {
    const link = ++this.#linked
    this.#links[link * 2] = child
    const last = this.#get(parent, field.last)
    if (last === 0) this.#set(parent, field.first, link)
    else this.#links[last * 2 + 1] = link
    this.#set(parent, field.last, link)
  }

  #get(node: number, offset: number): number {
    return this.#nodes[node * fields + offset] ?? 0
  }

  #set(node: number, offset: number, value: number): void {
    this.#nodes[node * fields + offset] = value
  }
}
