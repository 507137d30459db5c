import { describe, expect, it } from 'vitest'
import { readPickle } from './python-pickle-read.ts'
import { writePickle } from './python-pickle-write.ts'
import { maxDepth, PythonFloat, PythonTuple, type PythonValue } from './python-value.ts'

/** A pickle of protocol 5 of these opcodes. */
const pickle = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(
    [[0x80, 5], ...parts].map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  )

const known = new Set('(.)BCGJKMNX]aehjqrstu}\x80\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x94\x95')

describe('a pickle', () => {
  it.each([
    ['None, True and False', [null, true, false]],
    [
      'an int of one byte, two, four and many',
      [0, 255, 256, 65_535, 65_536, -1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2n ** 70n, -(2n ** 63n)],
    ],
    ['floats, which stay floats', [new PythonFloat(1), 1.5, -0, 1e300, Number.POSITIVE_INFINITY]],
    ['text', ['', 'Grüße', '\u{1f600}', 'x'.repeat(300), 'a lone \ud800 surrogate', '\ufeff']],
    ['bytes', [new Uint8Array(0), Uint8Array.of(0, 255), new Uint8Array(300)]],
    ['tuples', [new PythonTuple([]), new PythonTuple([1]), new PythonTuple([1, 2, 3]), new PythonTuple([1, 2, 3, 4])]],
    [
      'dicts, in their order',
      [
        new Map<string | number, PythonValue>([
          ['10', 1],
          ['9', 2],
          [1, 'int key'],
        ]),
        new Map(),
      ],
    ],
    ['more members than one batch holds', Array.from({ length: 2001 }, (_, i) => i)],
  ])('holds %s', (_, value) => {
    expect(readPickle(writePickle(value))).toEqual(value)
  })

  it('is as Python writes it, byte for byte', () => {
    const login = new Map([['_auth_user_id', '1']])
    expect(Buffer.from(writePickle(login)).toString('latin1')).toBe(
      '\x80\x05\x95\x18\0\0\0\0\0\0\0}\x94\x8c\r_auth_user_id\x94\x8c\x011\x94s.',
    )
  })

  it('of protocol 2 is read too', () => {
    const old = Buffer.from('80027d71002858010000006171014b015801000000627102473ff0000000000000752e', 'hex')
    expect(readPickle(old)).toEqual(
      new Map<string, PythonValue>([
        ['a', 1],
        ['b', new PythonFloat(1)],
      ]),
    )
  })
})

describe('a hostile pickle', () => {
  it('is refused at every opcode that is not plain data, before and after a value', () => {
    for (let opcode = 0; opcode < 256; opcode++) {
      if (known.has(String.fromCharCode(opcode))) continue
      expect(readPickle(pickle([opcode], 'os\nsystem\n.')), `opcode ${opcode}`).toBeUndefined()
      expect(readPickle(pickle('}', [opcode], '0\n.')), `opcode ${opcode}`).toBeUndefined()
    }
  })

  it.each([
    ['that calls os.system', pickle('cos\nsystem\n(\x8c\x02idtR.')],
    ['that calls it as protocol 4 does', pickle('\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x94\x85R.')],
    ['that builds an object', pickle('}\x94N}b.')],
    ['of protocol 0', Buffer.from('(dp0\n.')],
    ['of protocol 1', Buffer.from('}q\0.')],
    ['of protocol 6', Buffer.from([0x80, 6, 0x4e, 0x2e])],
    ['that ends early', pickle('}')],
    ['of nothing', new Uint8Array(0)],
    ['with more than one value', pickle('NN.')],
    ['without a value', pickle('.')],
    ['with a mark for a value', pickle('(.')],
    ['that pops from an empty stack', pickle('a.')],
    ['that pops a mark', pickle('](a.')],
    ['that appends to a dict', pickle('}Na.')],
    ['that sets an item of a list', pickle(']NNs.')],
    ['with a key but no value', pickle('}(Nu.')],
    ['with a list for a key', pickle('}]Ns.')],
    ['that recalls what it never remembered', pickle('h\x07.')],
    ['with text that is not UTF-8', pickle('\x8c\x01\xff.')],
    ['with half a surrogate', pickle('\x8c\x02\xed\xa0.')],
  ])('%s is refused', (_, bytes) => {
    expect(readPickle(bytes)).toBeUndefined()
  })

  it.each([
    ['text of 4 GB', 'X\xff\xff\xff\xff'],
    ['text of 2^64 bytes', '\x8d\xff\xff\xff\xff\xff\xff\xff\xff'],
    ['bytes of 4 GB', 'B\xff\xff\xff\xff'],
    ['bytes of 2^63 bytes', '\x8e\0\0\0\0\0\0\0\x80'],
    ['an int of 2 GB', '\x8b\xff\xff\xff\x7f'],
    ['an int of negative length', '\x8b\xff\xff\xff\xff'],
  ])('that announces %s is refused, and nothing of that size is made', (_, opcodes) => {
    const before = process.memoryUsage().arrayBuffers
    expect(readPickle(pickle(opcodes, 'abc.'))).toBeUndefined()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  it('with an int of more digits than Python takes is refused', () => {
    expect(readPickle(pickle('\x8b', [0, 8, 0, 0], '\x7f'.repeat(2048), '.'))).toBeUndefined()
  })

  it.each([
    ['a list in itself', pickle(']\x94h\0a.')],
    ['a dict in itself', pickle('}\x94Nh\0s.')],
    ['a list in itself through a tuple', pickle(']\x94h\0\x85a.')],
  ])('that holds %s is refused', (_, bytes) => {
    expect(readPickle(bytes)).toBeUndefined()
  })

  it('that doubles a list 60 times is refused: it would unfold to 2^60', () => {
    const doubled = Array.from({ length: 60 }, (_, i) => `]\x94(h${String.fromCharCode(i)}h${String.fromCharCode(i)}e`)
    expect(readPickle(pickle('](]\x94', ...doubled, 'e.'))).toBeUndefined()
  })

  it('that refers to one long text over and over is refused', () => {
    const text = pickle('](X', [0, 0, 1, 0], 'x'.repeat(2 ** 16), '\x94', 'h\0'.repeat(100), 'e.')
    expect(readPickle(text)).toBeUndefined()
  })

  it.each([
    ['lists', ']'],
    ['marks', '('],
    ['tuples', 'N\x85'],
    ['remembering', ']\x94\x94\x94'],
  ])('of nothing but %s is given up long before its end', (_, opcodes) => {
    expect(readPickle(pickle(opcodes.repeat(100_000)))).toBeUndefined()
  })

  it('that nests deeper than Python does is refused, and nothing overflows', () => {
    const nested = (depth: number): Uint8Array => pickle('N', '\x85'.repeat(depth), '.')
    expect(readPickle(nested(maxDepth))).toBeInstanceOf(PythonTuple)
    expect(readPickle(nested(maxDepth + 1))).toBeUndefined()
    expect(readPickle(nested(50_000))).toBeUndefined()
  })
})
