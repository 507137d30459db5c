import { describe, expect, it } from 'vitest'
import { type Contents, decodePayload, encodePayload } from './codec.ts'

const contents: Contents = {
  data: { visits: 3, cart: ['pen'] },
  meta: { created: 1000, seen: 2000, user: '7' },
}
const payload = encodePayload(contents)

/** What programs and their packages do with data: it changes every object, if the data names what all of them inherit from. */
function carelesslyMerged(target: Record<string, unknown>, source: object): object {
  for (const [key, value] of Object.entries(source)) {
    const known = target[key]
    const both = known instanceof Object && value instanceof Object
    target[key] = both ? carelesslyMerged(known as Record<string, unknown>, value) : value
  }
  return target
}

describe('the payload', () => {
  it('is versioned JSON, with the data apart from what the session layer knows', () => {
    expect(payload).toBe('{"v":1,"d":{"visits":3,"cart":["pen"]},"m":{"created":1000,"seen":2000,"user":"7"}}')
  })

  it('gives back what was put in', () => {
    expect(decodePayload(payload)).toEqual(contents)
    const chosen: Contents = { data: {}, meta: { created: 1, seen: 1, expiry: { type: 'idle', ms: 5 } } }
    expect(decodePayload(encodePayload(chosen))).toEqual(chosen)
  })

  it.each([
    ['truncated at any character', Array.from(payload.slice(0, -1), (_, i) => payload.slice(0, i))],
    ['not JSON', ['', 'null', '1', '[]', '"text"', 'undefined', '<xml/>', 'gAWVCgAAAAAAAAB9lC4=']],
    ['of a later version', [payload.replace('"v":1', '"v":2'), payload.replace('"v":1', '"v":"1"')]],
    ['without data', ['{"v":1,"m":{"created":1,"seen":1}}', '{"v":1,"d":[],"m":{"created":1,"seen":1}}']],
    ['without facts', ['{"v":1,"d":{}}', '{"v":1,"d":{},"m":{"created":"1","seen":1}}']],
    ['with facts of the wrong kind', ['{"v":1,"d":{},"m":{"created":1,"seen":1,"user":7}}']],
    ['with an expiry of the wrong kind', ['{"v":1,"d":{},"m":{"created":1,"seen":1,"expiry":{"type":"idle"}}}']],
    [
      'with a __proto__ key at any depth, however spelled',
      [
        payload.replace('"visits"', '"__proto__"'),
        payload.replace('["pen"]', '[{"a":{"__proto__":{"admin":true}}}]'),
        payload.replace('"visits"', '"\\u005f_proto__"'),
        payload.replace('"user"', '"__proto__"'),
      ],
    ],
    [
      'with a constructor that has a prototype, at any depth, however spelled',
      [
        payload.replace('"visits":', '"constructor":{"prototype":{"admin":true}},"visits":'),
        payload.replace('["pen"]', '[{"a":{"constructor":{"prototype":null}}}]'),
        payload.replace('["pen"]', '[{"\\u0063onstructor":{"proto\\u0074ype":1}}]'),
      ],
    ],
  ])('that is %s is not read, and does not throw', (_, texts) => {
    for (const text of texts) expect([text, decodePayload(text)]).toEqual([text, null])
  })

  it('may speak of __proto__ where it is no key, and have keys that lead to no prototype', () => {
    for (const data of [{ search: 'what is __proto__' }, { constructor: 'Ferrari', prototype: { wheels: 4 } }]) {
      const spoken: Contents = { data, meta: { created: 1, seen: 1 } }
      expect(decodePayload(encodePayload(spoken))).toEqual(spoken)
    }
  })

  it('leaves objects as they are when a record is hostile', () => {
    const hostile = ['{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}']
    for (const data of hostile) {
      const read = decodePayload(`{"v":1,"d":${data},"m":{"created":1,"seen":1}}`)
      carelesslyMerged({}, read?.data ?? {})
      expect(({} as { admin?: boolean }).admin).toBeUndefined()
    }
  })
})
