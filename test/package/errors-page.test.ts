import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorTable } from '../../src/error-table.ts'
import { codeLines, sourceFiles } from './source-files.ts'

interface Section {
  readonly code: string
  readonly text: string
}

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
const sections: Section[] = page
  .split(/^## /m)
  .slice(1)
  .map(section => ({ code: section.slice(0, section.indexOf('\n')), text: section }))

describe('the page of errors and the table of errors agree', () => {
  it('every code has exactly one heading, no heading is without a code, and their order is the same', () => {
    expect(sections.map(({ code }) => code)).toEqual(Object.keys(errorTable))
  })

  it.each(Object.entries(errorTable))('%s has its status, and a message as it is thrown', (code, entry) => {
    const text = sections.find(section => section.code === code)?.text ?? ''
    expect(text).toContain(`\n\nStatus ${entry.status}. `)
    const message = /```\n(.+)\n```/.exec(text)?.[1] ?? ''
    const start = `${code}: ${entry.title}`
    const end = `. ${entry.fix}`
    expect([message.slice(0, start.length), message.slice(-end.length)]).toEqual([start, end])
    expect(message.slice(start.length, -end.length)).toMatch(/^(: .+)?$/)
  })

  it('every code is thrown somewhere', () => {
    const source = sourceFiles
      .filter(file => file !== 'errors.ts')
      .flatMap(codeLines)
      .join('\n')
    const thrown = [...source.matchAll(/new KeepsakeError\(\s*'(\w+)'/g)].map(([, code]) => code)
    expect(new Set(thrown)).toEqual(new Set(Object.keys(errorTable)))
  })
})
