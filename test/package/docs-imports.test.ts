import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { internalNames, publicNames } from './exported-names.ts'

const root = join(import.meta.dirname, '../..')
const ofDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
const pages = ['README.md', ...ofDocs.filter(file => file.endsWith('.md')).map(file => `docs/${file}`)]
const programs = pages.map(page => ({ page, code: programsOf(readFileSync(join(root, page), 'utf8')) }))

/** The TypeScript of a page, without its comments. */
function programsOf(text: string): string {
  const blocks = [...text.matchAll(/^```tsx?\n(.*?)^```/gms)].map(([, block = '']) => block)
  return blocks
    .join('\n')
    .replace(/(?<!:)\/\/.*$/gm, '')
    .replace(/\/\*.*?\*\//gs, '')
}

/** Whether a program declares the name, or takes it out of what a call gave. */
function isMadeIn(code: string, name: string): boolean {
  return new RegExp(`(?:const|let|function) ${name}\\b|\\b${name}\\b[^}\\n]*\\} = `).test(code)
}

describe('the programs on the pages', () => {
  it('import what there is', () => {
    const imports = programs.flatMap(({ page, code }) =>
      [...code.matchAll(/import (?:type )?\{([^}]*)\} from '(keepsake[^']*)'/g)].flatMap(([, names = '', from = '']) =>
        names.split(',').map(name => ({ page, from, name: name.trim().replace(/^type | as .*$/g, '') })),
      ),
    )
    expect(imports.length).toBeGreaterThan(50)
    expect(imports.filter(({ from, name }) => name && !publicNames.get(from)?.has(name))).toEqual([])
  })

  it('call nothing that the package keeps to itself', () => {
    // Names of one word, such as `page` and `create`, are the program's own.
    const calls = programs.flatMap(({ page, code }) =>
      [...code.matchAll(/(?<![.\w$])([a-z]+[A-Z][\w$]*)\(/g)].map(([, name = '']) => ({ page, name, code })),
    )
    expect(calls.length).toBeGreaterThan(100)
    const wrong = calls.filter(({ name, code }) => internalNames.has(name) && !isMadeIn(code, name))
    expect(wrong.map(({ page, name }) => ({ page, name }))).toEqual([])
  })
})
