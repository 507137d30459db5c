import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isSameText } from './compare.ts'

describe('comparing two texts (ASVS 11.2.4, CVE-2016-1000236)', () => {
  it.each([
    ['', '', true],
    ['a', 'a', true],
    ['é', 'é', true],
    ['a', 'b', false],
    ['a', '', false],
    ['abc', 'abcd', false],
    ['\u0141', 'A', false],
    ['é', 'e\u0301', false],
    ['aé', 'abc', false],
  ])('%j and %j: %s, and never an error, whatever their lengths', (a, b, same) => {
    expect(isSameText(a, b)).toBe(same)
  })

  // Times are not measured: a test of them fails by chance. What is compared in constant time is what Node says so of.
  it('is what a signature is compared by, with timingSafeEqual', () => {
    const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8')
    expect(read('sign.ts')).toMatch(/if \(!isSameText\(value\.slice\(end\)/)
    expect(read('compare.ts')).toContain('timingSafeEqual(left, right)')
  })
})
