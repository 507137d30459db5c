import { describe, expect, it } from 'vitest'
import { readMemcachedValue, readRedisValue, writeMemcachedValue, writeRedisValue } from './cache-value.ts'
import { PythonFloat, type PythonValue } from './python-value.ts'

const session = new Map<string, PythonValue>([
  ['price', new PythonFloat(1)],
  ['count', 3],
])

describe("a value in Django's Redis cache", () => {
  it.each([[0], [-7], [2n ** 70n]])('is in digits if it is an int, so that Redis can count: %s', value => {
    expect(Buffer.from(writeRedisValue(value)).toString()).toBe(String(value))
    expect(readRedisValue(writeRedisValue(value))).toBe(value)
  })

  it.each([[session], [true], ['7'], [null], [new PythonFloat(7)]])('is a pickle if it is anything else', value => {
    expect(writeRedisValue(value)[0]).toBe(0x80)
    expect(readRedisValue(writeRedisValue(value))).toEqual(value)
  })

  it.each(['', '-', '1.0', '0x10', '9'.repeat(5000), 'text', '\x80\x05cos\nsystem\n.'])('is none: %j', text => {
    expect(readRedisValue(Buffer.from(text, 'latin1'))).toBeUndefined()
  })
})

describe("a value in Django's Memcached cache", () => {
  it.each<[PythonValue, number]>([
    [session, 1],
    [true, 1],
    [null, 1],
    [12, 2],
    ['Grüße', 16],
    [Uint8Array.of(1, 2), 0],
  ])('has the flags of its type', (value, flags) => {
    const written = writeMemcachedValue(value)
    expect(written.flags).toBe(flags)
    expect(readMemcachedValue(written)).toEqual(value)
  })

  it.each([
    [1, 'not a pickle'],
    [2, 'not an int'],
    [16, '\xff'],
    [1 | 8, 'compressed'],
    [32, 'of a flag that nobody has'],
  ])('is none with flags %d and %j', (flags, text) => {
    expect(readMemcachedValue({ flags, bytes: Buffer.from(text, 'latin1') })).toBeUndefined()
  })
})
