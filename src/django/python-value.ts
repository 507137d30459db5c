/**
 * What Django's sessions hold, without loss: the types of Python that JSON has, and those that a pickle adds.
 *
 * | Python | here |
 * | --- | --- |
 * | `None`, `bool`, `str` | `null`, `boolean`, `string` |
 * | `int` | `number` if it is a safe integer, else `bigint` |
 * | `float` | `number`; `PythonFloat` where JavaScript could not tell it from an int, as in `1.0` |
 * | `list`, `tuple` | array, `PythonTuple` |
 * | `dict` | `Map`, which keeps the order of its keys whatever they look like; when writing, also a plain object |
 * | `bytes` | `Uint8Array` |
 */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PythonFloat
  | PythonTuple
  | Uint8Array
  | readonly PythonValue[]
  | PythonDict
  | { readonly [key: string]: PythonValue }

/** The keys that a `dict` can have in JSON; in a pickle too, they need not be text. */
export type PythonKey = string | number | bigint | boolean | null | PythonFloat

/** A Python `dict`. */
export type PythonDict = ReadonlyMap<PythonKey, PythonValue>

/** A Python `float` that JavaScript takes for an integer: `new PythonFloat(1)` is Python's `1.0`. */
export class PythonFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A Python `tuple`. JSON writes it as a list. */
export class PythonTuple {
  readonly items: readonly PythonValue[]

  constructor(items: readonly PythonValue[]) {
    this.items = items
  }
}

/** How much text, bytes or pickle is read, unless the caller says otherwise: no session that is meant comes near it. */
export const defaultMaxBytes: number = 2 ** 18

/** How deep values may be nested: Python itself gives up at about a thousand. */
export const maxDepth = 500

/** How many values are read of so many bytes, those in lists and dicts counted one by one: 16,384 by default. */
export function maxValues(maxBytes: number): number {
  return Math.ceil(maxBytes / 16)
}

/** Python refuses to read or write an int of more digits (CVE-2020-10735). */
export const maxDigits = 4300

/** A Python `float` of this value. */
export function pythonFloat(value: number): number | PythonFloat {
  return isInt(value) ? new PythonFloat(value) : value
}

/** A Python `int` of this value. */
export function pythonInt(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Whether a number stands for an `int`. Minus zero does not: Python has it among the floats alone. */
export function isInt(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

/** The entries of a `dict`, be it a Map or a plain object. */
export function dictEntries(dict: object): Iterable<readonly [PythonKey, PythonValue]> {
  return dict instanceof Map ? dict : Object.entries(dict)
}
