import { readFileSync } from 'node:fs'
import { type Observation, runtimes } from './observe.ts'
import { parts } from './parts.ts'

const page = new URL('../../docs/runtimes.md', import.meta.url)
const [begin, end] = ['<!-- observed: node scripts/runtimes-table.ts -->\n', '<!-- end -->']

/** The page with this table in it, and the table that is there. */
export function tableInPage(): { table: string; pageWith: (table: string) => string; page: URL } {
  const text = readFileSync(page, 'utf8')
  const [before = '', rest = ''] = text.split(begin)
  const [table = '', after = ''] = rest.split(end)
  return { table, pageWith: newTable => `${before}${begin}${newTable}${end}${after}`, page }
}

/** What was observed, as Markdown: a row for each part, and what there is to say below. */
export function tableOf(observed: ReadonlyMap<string, readonly (Observation | null)[]>): string {
  const notes: string[] = []
  const cell = (observation: Observation | null | undefined): string => {
    if (!observation) return '–'
    const word = observation.works ? 'yes' : 'no'
    if (observation.note === '') return word
    if (!notes.includes(observation.note)) notes.push(observation.note)
    return `${word} [${notes.indexOf(observation.note) + 1}]`
  }
  const names = runtimes.map(({ name, package: installed }) => `${name} (${versionOf(installed)})`)
  const rows = parts.map((part, i) => [part.name, ...runtimes.map(({ name }) => cell(observed.get(name)?.[i]))])
  const lines = [['', ...names], names.concat('').map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`)
  return `\n${lines.join('\n')}\n\n${notes.map((note, i) => `${i + 1}. ${note}\n`).join('')}\n`
}

/** The exact version that `package.json` names. */
function versionOf(installed: string): string {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
  return dependencies[installed].replace(/^.*@/, '')
}
