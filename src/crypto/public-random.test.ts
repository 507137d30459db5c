import { expect, it } from 'vitest'
import { publicRandomBytes } from './public-random.ts'

it('random bytes are as many as were asked for, of which none is handed out twice, and stay as they were', () => {
  const drawn = Array.from({ length: 5000 }, (_, i) => publicRandomBytes(8 + (i % 30)))
  expect(drawn.map(({ length }) => length)).toEqual(drawn.map((_, i) => 8 + (i % 30)))
  const texts = drawn.map(bytes => bytes.toString('hex'))
  expect(new Set(texts).size).toBe(5000)
  const overlapping = drawn.filter(({ buffer, byteOffset }, i) => {
    const before = drawn[i - 1]
    return before?.buffer === buffer && byteOffset < before.byteOffset + before.length
  })
  expect(overlapping).toEqual([])
  for (let i = 0; i < 5000; i++) publicRandomBytes(8)
  expect(drawn.map(bytes => bytes.toString('hex'))).toEqual(texts)
})
