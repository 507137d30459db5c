import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/asvs.md'), 'utf8')

/** The titles of all tests, by the name of their file. */
const titles = ['src', 'test'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map(file => ({ path: `${folder}/${file}`, titles: titlesIn(readFileSync(join(root, folder, file), 'utf8')) })),
)

/** What stands first in the brackets of a call, or of a row of a table of tests, if it is a text: titles do. */
function titlesIn(source: string): string[] {
  return [...source.matchAll(/[([]\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1,/g)].map(([, , title = '']) => title)
}

/** The rows that name a test: their ids, and the files, of which some stand without their folder. */
const rows = page
  .split('\n')
  .filter(line => line.startsWith('| ') && line.includes('.test.ts`'))
  .map(line => ({
    ids: line.split(' | ')[0]?.match(/\d+\.\d+\.\d+|CVE-\d+-\d+|GHSA(?:-\w{4}){3}/g) ?? [],
    files: [...line.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file),
  }))

describe('the page on ASVS', () => {
  it('names files that are there', () => {
    const there = titles.map(({ path }) => path)
    const named = rows.flatMap(({ files }) => files)
    expect(named.length).toBeGreaterThan(60)
    const isThere = (file: string): boolean => there.some(path => path === file || basename(path) === file)
    expect(named.filter(file => !isThere(file))).toEqual([])
  })

  it('names a test of each row, and of each flaw, that has its id in its name', () => {
    const ids = rows.flatMap(row => row.ids.map(id => ({ id, files: row.files.map(file => basename(file)) })))
    expect(ids.length).toBeGreaterThan(70)
    const inName = (id: string, files: string[]): boolean =>
      titles.some(file => files.includes(basename(file.path)) && file.titles.some(title => hasId(title, id)))
    expect(ids.filter(({ id, files }) => !inName(id, files))).toEqual([])
  })
})

/** Rows as `ASVS 7.5.1, 7.5.3`, so that a version number is none. */
function hasId(title: string, id: string): boolean {
  const pattern = /^\d/.test(id) ? `ASVS.* ${id.replaceAll('.', '\\.')}(?![\\d.])` : `${id}(?!\\d)`
  return new RegExp(pattern).test(title)
}
