import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeLines, sourceFiles } from './source-files.ts'

const root = join(import.meta.dirname, '../..')
const src = join(root, 'src')

/** Lowest first: a layer imports from itself and from those before it. Layers of one row do not import each other. */
const layers = [
  ['error-table.ts'],
  ['errors.ts'],
  ['events.ts', 'waiting'],
  ['crypto'],
  ['cookies'],
  ['values'],
  ['transport'],
  ['session'],
  ['engines', 'stores'],
  ['adapters'],
  ['auth'],
  ['django', 'inspector', 'cli'],
]

/** Contracts that a layer fulfils for the session layer, which names them but never runs anything of them. */
const contracts = ['engines/engine.ts', 'stores/store.ts', 'adapters/exchange.ts']

/** Above all layers: where they are put together, and what proves them. */
const above = ['index.ts', 'create-sessions.ts', 'stored-sessions.ts', 'revocable-sessions.ts', 'sweep.ts', 'testing']

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

function importsOf(file: string): Import[] {
  const statements = codeLines(file)
    .join('\n')
    .matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from '([^']+)'/gm)
  return [...statements].map(([, type, to = '']) => ({
    from: file,
    to: to.startsWith('.') ? relative(src, join(src, dirname(file), to)) : to,
    typeOnly: type !== undefined,
  }))
}

const imports = sourceFiles.flatMap(importsOf)
const layerOf = (file: string): number => layers.findIndex(row => row.includes(file.split('/')[0] ?? ''))

describe('imports go one way', () => {
  it('every file of src belongs to a layer', () => {
    expect(sourceFiles.length).toBeGreaterThan(25)
    expect(sourceFiles.filter(file => layerOf(file) === -1 && !above.includes(file.split('/')[0] ?? ''))).toEqual([])
  })

  it('from a layer to itself and to those below it, but for the types of the contracts', () => {
    const inside = imports.filter(({ from, to }) => layerOf(from) !== -1 && to.endsWith('.ts'))
    const wrong = inside.filter(({ from, to, typeOnly }) => {
      if (typeOnly && contracts.includes(to)) return false
      const sameRow = layerOf(to) === layerOf(from) && to.split('/')[0] !== from.split('/')[0]
      return layerOf(to) === -1 || layerOf(to) > layerOf(from) || (sameRow && !contracts.includes(to))
    })
    expect(inside.length).toBeGreaterThan(60)
    expect(wrong).toEqual([])
  })

  it('a store knows the contract, values, waiting and errors, and nothing of sessions, engines or cookies', () => {
    const ofStores = imports.filter(({ from, to }) => from.startsWith('stores/') && to.endsWith('.ts'))
    const allowed = /^(stores|values|waiting)\/|^errors\.ts$/
    expect(ofStores.filter(({ to }) => !allowed.test(to))).toEqual([])
  })

  it('an adapter knows the sessions and errors, and never a store, an engine or a plan', () => {
    const ofAdapters = imports.filter(({ from, to }) => from.startsWith('adapters/') && to.endsWith('.ts'))
    const allowed = ['errors.ts', 'session/sessions.ts']
    expect(ofAdapters.filter(({ to }) => !to.startsWith('adapters/') && !allowed.includes(to))).toEqual([])
  })

  it('the session layer uses no package, and of Node only crypto', () => {
    const packages = imports.filter(({ from, to }) => from.startsWith('session/') && !to.endsWith('.ts'))
    expect(new Set(packages.map(({ to }) => to))).toEqual(new Set(['node:crypto']))
  })
})

describe('what is installed with the package', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

  it('is at most two packages, which bring no others', () => {
    const names = Object.keys(manifest.dependencies)
    expect(names.length).toBeLessThanOrEqual(2)
    for (const name of names) {
      const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
      expect([name, dependencies]).toEqual([name, {}])
    }
  })

  it('is all that the source imports, beside Node and the optional peers', () => {
    const declared = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies ?? {})]
    const bare = imports.filter(({ to }) => !to.endsWith('.ts') && !to.startsWith('node:'))
    const undeclared = bare.filter(({ to }) => !declared.some(name => to === name || to.startsWith(`${name}/`)))
    expect(undeclared).toEqual([])
    const peers = Object.keys(manifest.peerDependencies ?? {})
    expect(bare.filter(({ to, typeOnly }) => peers.includes(to) && !typeOnly)).toEqual([])
  })

  it('has no address of a registry in its lock file', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http')
  })
})
