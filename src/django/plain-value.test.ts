import { describe, expect, it } from 'vitest'
import { toPlain, withTypesOf } from './plain-value.ts'
import { readPythonJson } from './python-json-read.ts'
import { writePythonJson } from './python-json-write.ts'
import { readPickle } from './python-pickle-read.ts'
import { writePickle } from './python-pickle-write.ts'
import { PythonFloat, PythonTuple, type PythonValue } from './python-value.ts'

type Plain = Record<string, never>

/** What a Django session is after TypeScript changed it. */
function changed(text: string, change: (data: Record<string, unknown>) => void): string {
  const was = readPythonJson(text) as PythonValue
  const data = toPlain(was) as Record<string, unknown>
  change(data)
  return writePythonJson(withTypesOf(was, data))
}

describe('a Django session that TypeScript changes', () => {
  const rest = '"price":1.0,"big":1180591620717411303424,"nan":NaN,"10":1e+16,"9":"\\u00e9"'

  it('keeps every letter of what was not changed, and the order of its keys', () => {
    const text = changed(`{"count":1,${rest}}`, data => {
      data.count = 2
      data.added = 'last'
    })
    expect(text).toBe(`{"count":2,${rest},"added":"last"}`)
  })

  it('loses only what was removed', () => {
    expect(changed(`{"a":1,${rest},"b":2}`, data => delete data.a)).toBe(`{${rest},"b":2}`)
  })

  it('keeps floats inside a value that was changed', () => {
    const cart = '{"cart":[{"price":1.0,"qty":1},{"price":2.0,"qty":1}]}'
    const text = changed(cart, data => {
      data.cart = (data.cart as { price: number; qty: number }[]).map(item => ({ ...item, qty: 5 }))
    })
    expect(text).toBe('{"cart":[{"price":1.0,"qty":5},{"price":2.0,"qty":5}]}')
  })

  it('has a float where a float was, also when it becomes whole', () => {
    expect(changed('{"sum":0.5,"n":1}', data => Object.assign(data, { sum: 2, n: 2 }))).toBe('{"sum":2.0,"n":2}')
  })

  it('hides a key named __proto__ from the program, and leaves it to Django', () => {
    const text = '{"a":1,"__proto__":{"admin":true}}'
    expect(toPlain(readPythonJson(text) as PythonValue)).toEqual({ a: 1 })
    expect(({} as Plain).admin).toBeUndefined()
    expect(changed(text, data => Object.assign(data, { a: 2 }))).toBe('{"a":2,"__proto__":{"admin":true}}')
  })

  it('keeps, in a cache, tuples, bytes and keys that are not text', () => {
    const was = new Map<string, PythonValue>([
      ['point', new PythonTuple([new PythonFloat(1), 2])],
      ['raw', Uint8Array.of(1)],
      ['by id', new Map([[7, 'seven']])],
      ['count', 1],
    ])
    const data = toPlain(readPickle(writePickle(was)) as PythonValue) as Record<string, unknown>
    expect(data).toEqual({ point: [1, 2], raw: Uint8Array.of(1), 'by id': { 7: 'seven' }, count: 1 })
    const now = withTypesOf(was, { ...data, count: 2 })
    expect(readPickle(writePickle(now))).toEqual(new Map<string, PythonValue>([...was, ['count', 2]]))
  })
})
