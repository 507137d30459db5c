// For hostile.bench.ts beside it: not a bench itself.
import { deflateSync } from 'node:zlib'
import { readRedisValue } from './cache-value.ts'
import { readPythonJson } from './python-json-read.ts'
import { readPickle } from './python-pickle-read.ts'
import { defaultMaxBytes as full, maxDepth, maxValues } from './python-value.ts'
import { decodeSession } from './session-data.ts'
import { TimestampSigner } from './signer.ts'

/** Reads one hostile input; what comes back tells whether it was refused. */
export type Reading = () => unknown

const secretKey = 'the key of a site that was lost'
const secrets = { secretKey, fallbacks: ['one before', 'one before that'], legacy: true }
const many = maxValues(full)

/** As one piece: JavaScript would join the parts of a text at the first look, and it would be the reader's cost. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')
const json = (text: string): Reading => {
  const whole = flat(text)
  return () => readPythonJson(whole)
}
const bytesOf = (part: string | number[]): Buffer =>
  typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)
const pickle = (...parts: (string | number[])[]): Reading => {
  const bytes = Buffer.concat([[0x80, 5], ...parts].map(bytesOf))
  return () => readPickle(bytes)
}
const signed = (text: string): Reading => {
  const whole = flat(new TimestampSigner({ secretKey, salt: 'django.contrib.sessions.SessionStore' }).sign(text))
  return () => decodeSession(whole, secrets)
}
const session = (text: string): Reading => signed(Buffer.from(text, 'latin1').toString('base64url'))
const zipped = (data: Buffer | string): Reading => signed(`.${deflateSync(data).toString('base64url')}`)
const unsigned = (text: string): Reading => {
  const whole = flat(text)
  return () => decodeSession(whole, secrets)
}
const uint32 = (value: number): number[] => [0, 8, 16, 24].map(shift => (value >> shift) & 0xff)
/** Batches of a thousand in one list, as many as are read, and then what is refused. */
const batches = (member: string, size = member.length): Reading =>
  pickle(']', `(${member.repeat(1000)}e`.repeat(Math.min(many / 1000, full / 1000 / size - 1)), 'c')
const filled = (part: string, room = full - 8): string => part.repeat(Math.floor(room / part.length))

/** Hostile inputs by what an attacker would call them. Those of one name are one kind, of which the worst counts. */
export const hostileInputs: Readonly<Record<string, readonly Reading[]>> = {
  ...hostilePickles(),
  ...hostileJson(),
  ...hostileSessions(),
}

function hostilePickles(): Record<string, Reading[]> {
  const opcodes = Array.from({ length: 256 }, (_, opcode) => String.fromCharCode(opcode))
  const doubled = Array.from({ length: 200 }, (_, i) => {
    const before = String.fromCharCode(i)
    return `]\x94(h${before}h${before}e`
  })
  return {
    'pickle: each opcode, over and over': opcodes.map(opcode => pickle(filled(opcode, 60_000))),
    'pickle: each opcode, after a session': opcodes.map(opcode =>
      pickle('(]', filled('(}}}}e', 20_000), opcode, 'id\n.'),
    ),
    'pickle: each opcode, with zeros': opcodes.map(opcode => pickle('(]', filled(`${opcode}\0\0\0\0`, 60_000))),
    'pickle: dicts in a list': [batches('}'), batches(']'), batches(')'), batches('N')],
    'pickle: ints': [batches('\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f'), batches('G\x3f\xf0\0\0\0\0\0\0')],
    'pickle: ints of 4,300 digits': [pickle(']', `(${`\x8b\xfa\x06\0\0${'\x7f'.repeat(1786)}`.repeat(140)}e`, 'c')],
    'pickle: tuples in tuples': [pickle('N', filled('\x85')), pickle('N', '\x85'.repeat(maxDepth + 1), '.')],
    'pickle: lists in lists': [pickle(filled(']', 5000), filled('a', 4999), '.'), pickle(filled('}N', 5000))],
    'pickle: lists that double': [pickle('](]\x94', ...doubled, 'e.'), pickle(']\x94', filled('h\0a'), '.')],
    'pickle: one text, referred to': [
      pickle('](X', uint32(2 ** 16), 'x'.repeat(2 ** 16), '\x94', filled('h\0', 4000), 'e.'),
    ],
    'pickle: in itself': [
      pickle(']\x94h\0a.'),
      pickle('}\x94Nh\0s.'),
      pickle(']\x94h\0\x85a.'),
      pickle(']\x94]h\0ah\0a.'),
    ],
    'pickle: remembered': [batches('N\x94'), pickle(filled('Nr\xff\xff\xff\x7f')), pickle('N', filled('q\0'))],
    'pickle: lone surrogates': [pickle('X', uint32(full - 100), filled('\xed\xa0\x80', full - 100), 'c')],
    'pickle: text that is none': [
      pickle('X', uint32(full - 100), filled('\xed\xa0\x80', 9), '\xff'.repeat(full - 109), '.'),
    ],
    'pickle: text of 256 KiB': [pickle('X', uint32(full - 100), 'a'.repeat(full - 100), 'c')],
    'pickle: bytes of 256 KiB': [pickle('B', uint32(full - 100), 'a'.repeat(full - 100), 'c')],
    'pickle: 4 GB, 2^64 bytes': [
      pickle('X\xff\xff\xff\xff'),
      pickle('B\xff\xff\xff\xff'),
      pickle('\x8e', '\xff'.repeat(8)),
    ],
    'pickle: keys of ints': [
      pickle(
        '}',
        `(${Array.from({ length: 9000 }, (_, i) => bytesOf(['M'.charCodeAt(0), i & 255, i >> 8, 78]).toString('latin1')).join('')}u`,
        'c',
      ),
    ],
    'pickle: 5 MB': [pickle(filled(']', 5_000_000))],
    'redis: an int of 5,000 digits, and of 5 MB': [5000, 5_000_000].map(length => {
      const digits = Buffer.alloc(length, '9')
      return () => readRedisValue(digits)
    }),
  }
}

function hostileJson(): Record<string, Reading[]> {
  const keys = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":0`).join()
  return {
    'json: 49,000 keys, no end': [json(`{${keys(49_000)}`), json(`{${keys(16_000)}`)],
    'json: lists in lists': [json(filled('[')), json('['.repeat(1_000_000)), json('['.repeat(maxDepth + 2))],
    'json: dicts in dicts': [json(filled('{"a":')), json('{"a":'.repeat(maxDepth + 2))],
    'json: dicts, lists, floats, ints, no end': ['{}', '[]', '1.5e300', '12345678901234567890', '"a"'].map(one =>
      json(`[${filled(`${one},`, Math.min(full, many * (one.length + 1)) - 8)}`),
    ),
    'json: nothing but commas': [json(`[${filled('0,')}`)],
    'json: ints of 4,300 digits': [json(`[${filled(`${'9'.repeat(4300)},`)}`)],
    'json: an int, a float of 256 KiB': [json('9'.repeat(full)), json(`0.${'9'.repeat(full - 3)}x`)],
    'json: a text without end': [
      json(`"${'a'.repeat(full - 1)}`),
      json(`"${filled('\\u0041')}`),
      json(`["${filled('\\"')}"`),
      json(`"${filled('a\\n')}`),
    ],
    'json: texts of escapes': [json(`[${filled('"\\"",', many * 5)}`), json(`["${filled('\\ud800')}",`)],
    'json: space': [json(filled(' ')), json(`{"a"${filled(' ')}`), json(`[${filled(' 0 ,')}`)],
    'json: 5 MB': [json('['.repeat(5_000_000))],
  }
}

function hostileSessions(): Record<string, Reading[]> {
  return {
    'session: deep': [session(filled('[')), session(filled('{"a":'))],
    'session: broken at its end': [session(`[${filled('{},', many * 3 - 8)}`), session(`"${'a'.repeat(full - 10)}`)],
    'session: zlib, 64 MB of spaces': [zipped(Buffer.alloc(2 ** 26, ' '))],
    'session: zlib, deep': [zipped(filled('[')), zipped('['.repeat(10_000_000))],
    'session: zlib, broken at its end': [zipped(`[${filled('{},', many * 3 - 8)}`), zipped(Buffer.alloc(full, '"'))],
    'session: zlib of zlib': [zipped(deflateSync(Buffer.alloc(2 ** 26)))],
    'session: unsigned': [
      unsigned(`${'a'.repeat(full * 1.4)}:b:c`),
      unsigned(`:${'a'.repeat(full * 1.4)}`),
      unsigned(filled('::')),
    ],
    'session: unsigned, 5 MB': [unsigned('a'.repeat(5_000_000)), unsigned(filled('YTox', 5_000_000))],
    'session: as before 3.1, unsigned': [unsigned(filled('YTox', full * 1.4))],
  }
}
