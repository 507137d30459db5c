import { KeepsakeError } from '../errors.ts'

/** What a value is when it cannot be changed: the type of everything that a session hands out. */
export type DeepReadonly<T> = unknown extends T
  ? T
  : T extends string | number | boolean | bigint | null | undefined | Date
    ? T
    : T extends ReadonlyMap<infer K, infer V>
      ? ReadonlyMap<DeepReadonly<K>, DeepReadonly<V>>
      : T extends ReadonlySet<infer V>
        ? ReadonlySet<DeepReadonly<V>>
        : { readonly [K in keyof T]: DeepReadonly<T[K]> }

/** Deeper than any data that is meant, and far from where recursion would overflow the stack on what a client sends. */
const maxDepth = 100

/**
 * A copy of a value that JSON gives back unchanged, so that a later change of the original cannot slip in unchecked.
 * Throws `VALUE_INVALID` with the path of the first part that JSON would change silently or cannot write at all.
 * Optional properties that are undefined are left out, as JSON does: reading them gives undefined either way.
 */
export function jsonCopy(value: unknown, path: string, within: readonly object[] = []): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value !== 'object') throw invalid(path, describe(value))
  if (within.length >= maxDepth) throw invalid(path.slice(0, 40), `nested more than ${maxDepth} deep`)
  if (within.includes(value)) throw invalid(path, 'part of itself (a cycle)')
  const parents = [...within, value]
  const prototype = Object.getPrototypeOf(value)
  if (Array.isArray(value) && prototype === Array.prototype)
    return Array.from(value, (item, i) => jsonCopy(item, `${path}[${i}]`, parents))
  if (prototype !== Object.prototype && prototype !== null) throw invalid(path, describe(value))
  return copyProperties(value, path, parents)
}

function copyProperties(value: object, path: string, parents: readonly object[]): Record<string, unknown> {
  if (Object.getOwnPropertySymbols(value).length > 0) throw invalid(path, 'an object with symbol keys')
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    checkKey(key, item, `${path}.${key}`)
    if (item !== undefined) copy[key] = jsonCopy(item, `${path}.${key}`, parents)
  }
  return copy
}

/**
 * `__proto__` is no key, nor is a `constructor` with a `prototype`: copied or merged carelessly, by anyone, they would change
 * what objects inherit (prototype pollution; decision 026).
 */
export function checkKey(key: string, value: unknown, path: string = key): void {
  if (key === '__proto__') throw invalid(path, 'a key named __proto__')
  if (key === 'constructor' && hasOwn(value, 'prototype')) {
    throw invalid(path, 'a key named constructor with a prototype')
  }
}

/** Whether a parsed text has such a key at any depth. The text tells at once in all but a few cases. */
export function hasProtoKey(parsed: unknown, text: string): boolean {
  return (text.includes('proto') || text.includes('\\u')) && walkForProtoKey(parsed)
}

function walkForProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const leads = hasOwn(value, 'constructor') && hasOwn((value as { constructor: unknown }).constructor, 'prototype')
  return leads || hasOwn(value, '__proto__') || Object.values(value).some(walkForProtoKey)
}

function hasOwn(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}

/** The error says where and what kind, never the value itself: it may be secret. */
export function invalid(path: string, what: string, cause?: unknown): KeepsakeError {
  return new KeepsakeError('VALUE_INVALID', `${path} is ${what}`, { cause })
}

function describe(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value)
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  return `an instance of ${value.constructor?.name || 'an unnamed class'}`
}
