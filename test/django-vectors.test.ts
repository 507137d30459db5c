import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { check, elsewhere, readVectors } from './django-vectors.ts'

const vectors = readVectors(readFileSync(join(import.meta.dirname, 'django-vectors.json'), 'utf8'))
const kinds = Object.groupBy(vectors, ({ kind }) => kind)

describe('vectors made by Django 3.2 and 5.2 (bytes in, bytes out)', () => {
  it('are all here, each with a check or a reason', () => {
    expect(vectors).toHaveLength(493)
    const neither = vectors.filter(vector => !check[vector.kind] && !elsewhere(vector))
    expect(neither.map(({ id }) => id)).toEqual([])
    const reasons = vectors.filter(elsewhere).map(vector => `${vector.id}: ${elsewhere(vector)}`)
    console.info(
      `${vectors.length - reasons.length} vectors are checked here, ${reasons.length} are not:\n${reasons.join('\n')}`,
    )
    // Every reason is one of a vector that is there, and none of one that is checked after all.
    expect([vectors.length - reasons.length, reasons.length]).toEqual([425, 68])
  })

  for (const [kind, ofKind = []] of Object.entries(kinds)) {
    const run = check[kind]
    const ours = ofKind.filter(vector => run && !elsewhere(vector))
    if (run && ours.length > 0)
      describe(kind, () => it.each(ours.map(vector => [vector.id, vector] as const))('%s', (_, vector) => run(vector)))
  }
})
