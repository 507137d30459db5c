import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const cellsOf = (line: string): string[] => line.split('|').map(cell => cell.trim())

it('what the README says that a session costs is what the bench measured', () => {
  const page = readFileSync(join(root, 'docs/performance.md'), 'utf8').split('\n').map(cellsOf)
  const measured = (title = ''): (string | undefined)[] => {
    const [, , ...figures] = page.find(cells => cells[1] === title && cells.length === 8) ?? []
    return figures.slice(0, 3).map(cell => cell.split(' ', 1).join())
  }
  const [, costs = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('## What does it cost?')
  const rows =
    costs
      .split('\n## ')[0]
      ?.split('\n')
      .filter(line => line.startsWith('| Keepsake'))
      .map(cellsOf) ?? []
  expect(rows.length).toBeGreaterThan(4)
  for (const [, ours, read, write, theirs, theirRead, theirWrite] of rows) {
    expect([ours, read, write]).toEqual([ours, ...measured(ours).slice(1)])
    expect([theirs, theirRead, theirWrite]).toEqual([theirs, ...measured(theirs).slice(1)])
  }
  const [bare] = measured('Express 5, bare (all of it)')
  expect(costs).toContain(`beyond the ${Math.round(Number(bare))} of the bare framework`)
  const untouched = rows.map(([, ours]) => Number(measured(ours)[0]))
  const [least, most] = [Math.min(...untouched), Math.max(...untouched)]
  expect(costs).toContain(`does not ask for its session costs ${least.toFixed(1)} to ${most.toFixed(1)}.`)
})
