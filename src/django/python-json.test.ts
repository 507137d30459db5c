import { describe, expect, it } from 'vitest'
import { readPythonJson } from './python-json-read.ts'
import { writePythonJson } from './python-json-write.ts'
import { defaultMaxBytes, maxDepth, maxValues, PythonFloat, type PythonValue } from './python-value.ts'

const rewritten = (text: string): string => writePythonJson(readPythonJson(text) as PythonValue)

describe('JSON that Python wrote, read and written again', () => {
  it.each([
    '{"one":1.0,"big":1e+16,"tiny":1e-07,"least":5e-324,"minus":-0.0,"third":0.3333333333333333}',
    '{"i":9007199254740993,"j":-1267650600228229401496703205376,"z":0}',
    '[NaN,Infinity,-Infinity,true,false,null]',
    '{"10":"a","9":"b","x":"c","1":"d"}',
    '"\\u00e9\\ud83d\\ude00\\u007f\\u0001\\n\\"\\\\/"',
    '"a lone \\ud800 surrogate"',
    '{"__proto__":{"admin":true},"constructor":1}',
    '[123456789012345.0,1234567890123456.0,1.2345678901234568e+16,0.0001,1e-05]',
    '[]',
    '{}',
  ])('%s keeps every letter', text => {
    expect(rewritten(text)).toBe(text)
  })

  it('may have space where JSON has it, as other serializers write', () => {
    expect(rewritten(' { "a" : [ 1 , 2.50 ] } \n')).toBe('{"a":[1,2.5]}')
  })

  it('takes the last of equal keys, at the place of the first', () => {
    expect(rewritten('{"a":1,"b":2,"a":3}')).toBe('{"a":3,"b":2}')
  })

  it.each([
    '',
    ' ',
    '{',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    "'a'",
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    '-NaN',
    'nul',
    'nullx',
    '[1 2]',
    '"a',
    '"\n"',
    '"\\x"',
    '{"a"}',
    '[]]',
    '\u00a0[]',
    'undefined',
  ])('%j is no JSON, in Python neither', text => {
    expect(readPythonJson(text)).toBeUndefined()
  })
})

describe('hostile JSON', () => {
  it.each([
    ['lists in lists', '['.repeat(1_000_000)],
    ['dicts in dicts', '{"a":'.repeat(200_000)],
    ['one level too many', '['.repeat(maxDepth + 2) + ']'.repeat(maxDepth + 2)],
    ['an int of 5000 digits', '9'.repeat(5000)],
    ['more values than any session has', `[${'0,'.repeat(maxValues(defaultMaxBytes) - 1)}0]`],
    ['more text than is read', `"${'a'.repeat(defaultMaxBytes)}"`],
  ])('%s is refused, and nothing overflows', (_, text) => {
    expect(readPythonJson(text)).toBeUndefined()
  })

  it('is refused only beyond the limits, not at them', () => {
    const deep = '['.repeat(maxDepth + 1) + ']'.repeat(maxDepth + 1)
    const many = `[${'0,'.repeat(maxValues(defaultMaxBytes) - 2)}0]`
    const long = `"${'a'.repeat(defaultMaxBytes - 2)}"`
    for (const text of [deep, many, long]) expect(readPythonJson(text)).toBeDefined()
  })
})

describe('a value that Django could not read back', () => {
  const cyclic: PythonValue[] = []
  cyclic.push(cyclic)

  it.each([
    ['bytes', Uint8Array.of(1)],
    ['undefined', undefined as never],
    ['a cycle', cyclic],
    ['an int of 4301 digits', 10n ** 4300n],
  ])('is not written: %s', (_, value) => {
    expect(() => writePythonJson({ a: value })).toThrow('VALUE_INVALID')
  })

  it('is written where Python has a form for it', () => {
    expect(writePythonJson([new PythonFloat(2), 2, 2.5, 2n ** 64n, -0])).toBe('[2.0,2,2.5,18446744073709551616,-0.0]')
  })
})
