import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the results are published. */
export const docs: string = join(import.meta.dirname, '..', 'docs')

/** The commands that write a part of `docs/performance.md`, each between two lines of its own. */
const commands = { bench: 'npm run bench -- --write', growth: 'npm run bench:growth -- --write' } as const

/** Puts these paragraphs and tables where the last ones of this name stand. */
export function writeBlock(name: keyof typeof commands, paragraphs: readonly string[]): void {
  const file = join(docs, 'performance.md')
  const text = readFileSync(file, 'utf8')
  const begin = `<!-- ${name}: what follows is written by ${commands[name]} -->`
  const end = `<!-- ${name}: end -->`
  const [before, after] = [text.indexOf(begin), text.indexOf(end)]
  if (before === -1 || after === -1) throw new Error(`docs/performance.md has no lines ${begin} and ${end}`)
  writeFileSync(file, `${text.slice(0, before)}${[begin, ...paragraphs].join('\n\n')}\n\n${text.slice(after)}`)
}
