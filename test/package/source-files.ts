import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const src: string = join(import.meta.dirname, '../../src')

/** The files of src that are published: no tests, no benches. */
export const sourceFiles: string[] = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(file =>
  /(?<!\.test|\.test-d|\.bench)\.ts$/.test(file),
)

/** The lines of a file that are neither blank nor comment. */
export function codeLines(file: string): string[] {
  const lines = readFileSync(join(src, file), 'utf8').split('\n')
  return lines.filter(line => !/^\s*($|\/\/|\/?\*)/.test(line))
}
