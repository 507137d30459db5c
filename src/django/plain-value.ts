import { keyText } from './python-json-write.ts'
import { dictEntries, isInt, PythonFloat, type PythonKey, PythonTuple, type PythonValue } from './python-value.ts'

/**
 * A Python value as ordinary JavaScript: objects, arrays, numbers. Ints beyond 2^53 stay `bigint`, so that none is rounded
 * silently. A key named `__proto__` is left out: copied carelessly, by anyone, it would change what objects inherit.
 */
export function toPlain(value: PythonValue): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof PythonFloat) return value.value
  const items = listItems(value)
  if (items) return items.map(toPlain)
  const plain: Record<string, unknown> = {}
  for (const [key, item] of dictEntries(value)) {
    const text = keyText(key)
    if (text !== '__proto__') plain[text] = toPlain(item)
  }
  return plain
}

/** Whether a dict in it has keys that are one text to JavaScript, as 1 and '1' are: no change of such a dict could be written. */
export function hasTwinKeys(value: PythonValue): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof PythonFloat)
    return false
  const items = listItems(value)
  if (items) return items.some(hasTwinKeys)
  const entries = [...dictEntries(value)]
  return (
    new Set(entries.map(([key]) => keyText(key))).size < entries.length || entries.some(([, item]) => hasTwinKeys(item))
  )
}

/**
 * The Python value to write for `now`, where `was` was read before: what is unchanged stays exactly what it was, so `1.0`
 * stays a float, a dict keeps the order of its keys, a tuple stays a tuple. A number that was a float remains one.
 */
export function withTypesOf(was: PythonValue | undefined, now: unknown): PythonValue {
  if (typeof now === 'number') return isFloat(was) && isInt(now) ? new PythonFloat(now) : now
  if (typeof now !== 'object' || now === null || now instanceof Uint8Array) return now as PythonValue
  if (now instanceof PythonFloat || now instanceof PythonTuple || now instanceof Map) return now
  if (Array.isArray(now)) return listLike(was, now)
  return dictLike(was, now)
}

function listLike(was: PythonValue | undefined, now: readonly unknown[]): PythonValue {
  const before = was === undefined ? undefined : listItems(was)
  const items = now.map((item, i) => withTypesOf(before?.[i], item))
  return was instanceof PythonTuple ? new PythonTuple(items) : items
}

function dictLike(was: PythonValue | undefined, now: object): PythonValue {
  const dict = new Map<PythonKey, PythonValue>()
  const added = new Map<string, unknown>(Object.entries(now))
  if (isDict(was)) {
    for (const [key, item] of dictEntries(was)) {
      const text = keyText(key)
      // It was hidden from the program, so the program cannot have removed it.
      if (text === '__proto__') dict.set(key, item)
      else if (added.has(text)) dict.set(key, withTypesOf(item, added.get(text)))
      added.delete(text)
    }
  }
  for (const [key, item] of added) dict.set(key, withTypesOf(undefined, item))
  return dict
}

function isFloat(value: PythonValue | undefined): boolean {
  return value instanceof PythonFloat || (typeof value === 'number' && !isInt(value))
}

function isDict(value: PythonValue | undefined): value is PythonValue & object {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false
  return !(value instanceof PythonFloat) && !listItems(value)
}

function listItems(value: PythonValue): readonly PythonValue[] | undefined {
  if (value instanceof PythonTuple) return value.items
  return Array.isArray(value) ? value : undefined
}
