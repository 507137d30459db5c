import { describe, expect, it } from 'vitest'
import { type Contents, decodePayload, encodePayload } from './codec.ts'

const contents: Contents = {
  data: { visits: 3, cart: ['pen'] },
  meta: { created: 1000, seen: 2000, user: '7' },
}
const payload = encodePayload(contents)

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
  ])('that is %s is not read, and does not throw', (_, texts) => {
    for (const text of texts) expect([text, decodePayload(text)]).toEqual([text, null])
  })

  it('may speak of __proto__ where it is no key', () => {
    const spoken: Contents = { data: { search: 'what is __proto__' }, meta: { created: 1, seen: 1 } }
    expect(decodePayload(encodePayload(spoken))).toEqual(spoken)
  })

  it('leaves objects as they are when a record is hostile', () => {
    decodePayload('{"v":1,"d":{"__proto__":{"admin":true}},"m":{"created":1,"seen":1}}')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})
