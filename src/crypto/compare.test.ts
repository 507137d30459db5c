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

  it('is what a signature is compared by, and takes the same time wherever they differ', () => {
    const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8')
    expect(read('sign.ts')).toMatch(/if \(!isSameText\(value\.slice\(end\)/)
    expect(read('compare.ts')).toContain('timingSafeEqual(left, right)')
  })
})
