/** The first row is the head. */
export type Table = readonly (readonly string[])[]

/** Rows of text in columns: the first to the left, the others to the right. */
export function textTable(rows: Table): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').length)))
  const lines = rows.map(row =>
    widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width))).join('  '),
  )
  const [head = '', ...rest] = lines
  return [head, '-'.repeat(head.length), ...rest].join('\n')
}

/** The same as Markdown. */
export function markdownTable(rows: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const [head = [], ...rest] = rows
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rest.map(line)].join('\n')
}
