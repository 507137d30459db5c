import { describe, expect, it } from 'vitest'
import { codeLines, sourceFiles } from './source-files.ts'

/** The functions and methods of a formatted file: from a line that opens a body to the line that closes it, by indentation. */
function functionsOf(file: string): { name: string; length: number }[] {
  const lines = codeLines(file)
  return lines.flatMap((line, start) => {
    const [, indent, name] =
      /^(\s*)(?:export |async |static |get |function[* ]|\*|const )*([#\w]+)?.*(?:\)|=>)(?:: [^=]+)? (?:=> )?\{$/.exec(
        line,
      ) ?? []
    if (indent === undefined || name === undefined || /^(if|for|while|switch|describe|it|return)$/.test(name)) return []
    const end = lines.findIndex((other, i) => i > start && other.startsWith(`${indent}}`))
    return [{ name: `${file} ${name}`, length: end - start + 1 }]
  })
}

describe('the house is easy to live in', () => {
  it('a file has at most 200 lines of code', () => {
    const sizes = sourceFiles.map(file => [file, codeLines(file).length] as const)
    expect(sizes.filter(([, size]) => size > 200)).toEqual([])
  })

  it('a function has at most 40', () => {
    const functions = sourceFiles.filter(file => !file.startsWith('testing/')).flatMap(functionsOf)
    expect(functions.length).toBeGreaterThan(100)
    expect(functions.filter(({ length }) => length > 40)).toEqual([])
  })

  it('the session layer, all policy there is, has about 600, not counting imports', () => {
    // The reading of an upgrade request to a WebSocket has no part in it.
    const session = sourceFiles
      .filter(file => /^session\/(?!upgrade)/.test(file))
      .map(file => codeLines(file).join('\n'))
    const withoutImports = session.map(text => text.replaceAll(/^import [^']*'[^']*'$/gm, '').replaceAll(/\n+/g, '\n'))
    expect(withoutImports.join('\n').split('\n').length).toBeLessThan(730)
  })

  it('an adapter has about 40', () => {
    const adapters = ['node', 'express', 'fastify', 'hono', 'koa', 'fetch', 'next'].map(name => `adapters/${name}.ts`)
    const sizes = adapters.map(file => [file, codeLines(file).length] as const)
    expect(sizes.filter(([, size]) => size > 45)).toEqual([])
  })
})
