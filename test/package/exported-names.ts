import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFiles } from './source-files.ts'

const root = join(import.meta.dirname, '../..')

const declaration =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:const|let|function\*?|class|interface|type) ([\w$]+)/gm
const list = /^export (?:type )?\{([^}]*)\}/gm

/** What a source file exports, types too. No file of ours has `export *`. */
export function exportedNames(file: string): string[] {
  const source = readFileSync(join(root, 'src', file), 'utf8')
  const declared = [...source.matchAll(declaration)].map(([, name = '']) => name)
  const listed = [...source.matchAll(list)].flatMap(([, names = '']) => names.split(','))
  return [
    ...declared,
    ...listed
      .map(name =>
        name
          .trim()
          .replace(/^type /, '')
          .replace(/^.* as /, ''),
      )
      .filter(Boolean),
  ]
}

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { default: string } | string>
}

/** What programs can import: names by path, `keepsake/auth` for one. */
export const publicNames: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [[path.replace(/^\./, 'keepsake'), new Set(exportedNames(sourceOf(target.default)))] as const],
  ),
)

/** What files of src export to each other, and to nobody else. */
export const internalNames: ReadonlySet<string> = new Set(
  sourceFiles.flatMap(exportedNames).filter(name => ![...publicNames.values()].some(names => names.has(name))),
)

function sourceOf(built: string): string {
  return built.replace('./dist/', '').replace(/\.js$/, '.ts')
}
