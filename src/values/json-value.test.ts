import { describe, expect, it } from 'vitest'
import { jsonCopy } from './json-value.ts'

class Money {
  amount = 1
}
const cyclic: unknown[] = []
cyclic.push({ back: cyclic })

describe('a value that is to be kept', () => {
  it.each([
    ['text', 'Grüße "\u2028\u0000'],
    ['a number', -1.5e300],
    ['true', true],
    ['null', null],
    ['a list in an object in a list', [{ a: [1, 'two', null] }]],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['keys that objects inherit', { constructor: 1, toString: 2, hasOwnProperty: 3 }],
    ['a constructor and a prototype that lead nowhere', { constructor: { name: 'Ada' }, car: { prototype: {} } }],
  ])('may be %s', (_, value) => {
    expect(jsonCopy(value, 'key')).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it('is copied, so that the program cannot change it afterwards', () => {
    const cart = { items: ['pen'] }
    const copy = jsonCopy(cart, 'cart')
    cart.items.push('ink')
    expect(copy).toEqual({ items: ['pen'] })
  })

  it('may appear twice, as long as it does not contain itself', () => {
    const shared = { a: 1 }
    expect(jsonCopy([shared, shared], 'key')).toEqual([{ a: 1 }, { a: 1 }])
  })

  it('loses optional properties that are undefined, which read as undefined either way', () => {
    expect(jsonCopy({ a: undefined, b: 1 }, 'key')).toEqual({ b: 1 })
  })

  it.each([
    ['a Date', new Date(0), 'key is an instance of Date'],
    ['a Map', { a: new Map() }, 'key.a is an instance of Map'],
    ['a Set', [new Set()], 'key[0] is an instance of Set'],
    ['a class instance', { price: [new Money()] }, 'key.price[0] is an instance of Money'],
    ['a BigInt', { a: { b: 1n } }, 'key.a.b is a bigint'],
    ['NaN', Number.NaN, 'key is NaN'],
    ['Infinity', [1, Number.NEGATIVE_INFINITY], 'key[1] is -Infinity'],
    ['undefined in a list', [undefined], 'key[0] is undefined'],
    ['a hole in a list', new Array(2), 'key[0] is undefined'],
    ['a function', { a: () => 1 }, 'key.a is a function'],
    ['a symbol', Symbol('x'), 'key is a symbol'],
    ['symbol keys', { [Symbol('x')]: 1 }, 'key is an object with symbol keys'],
    ['a Proxy-like object with a class', Object.create({ inherited: 1 }), 'key is an instance of'],
    ['a cycle', cyclic, 'key[0].back is part of itself (a cycle)'],
    [
      'a key named __proto__',
      JSON.parse('{"a":{"__proto__":{"admin":true}}}'),
      'key.a.__proto__ is a key named __proto__',
    ],
    [
      'a constructor with a prototype',
      [{ constructor: { prototype: { admin: true } } }],
      'key[0].constructor is a key named constructor with a prototype',
    ],
  ])('may not be %s', (_, value, message) => {
    expect(() => jsonCopy(value, 'key')).toThrow(message)
  })
})
