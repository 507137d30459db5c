import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { labels } from './labels.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/crypto.md'), 'utf8')

describe('the list of keys in docs/crypto.md (ASVS 11.1)', () => {
  it('has every label of the code, once, in a row of its own, and no other', () => {
    const rows = [...page.matchAll(/^\| `(keepsake [^`]+)` \|/gm)].map(([, label]) => label)
    expect(rows).toEqual(Object.values(labels))
  })

  it('has no two labels of which one could pass for the other', () => {
    const all = Object.values(labels)
    expect(new Set(all).size).toBe(all.length)
    for (const label of all) expect(label).toMatch(/^[\x20-\x7e]+$/)
  })
})
