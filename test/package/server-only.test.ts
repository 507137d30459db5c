import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeLines, sourceFiles } from './source-files.ts'

describe('ASVS 7.2.1: what decides who somebody is', () => {
  it('is published for servers alone: no path has a build for browsers', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    expect(manifest.browser).toBeUndefined()
    const conditions = Object.values<object>(manifest.exports).filter(target => typeof target === 'object')
    expect(conditions.length).toBeGreaterThan(20)
    expect(new Set(conditions.flatMap(target => Object.keys(target)))).toEqual(new Set(['types', 'default']))
  })

  it('asks nothing of a page: no file knows a document, a window or what a browser stores', () => {
    const ofBrowsers = /\b(document|window|navigator|localStorage|sessionStorage)\./
    const wrong = sourceFiles.filter(file => codeLines(file).some(line => ofBrowsers.test(line)))
    expect(wrong).toEqual([])
  })
})
