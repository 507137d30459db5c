import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(file => join(folder, file))
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesIn('docs'), ...filesIn('decisions')]
  .filter(file => file.endsWith('.md'))
  .map(file => ({ file, text: readFileSync(join(root, file), 'utf8').replace(/^```.*?^```/gms, '') }))

/** The places on a page that a link can lead to, named as GitHub names them. */
function anchorsOf(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading)
  return headings.map(heading =>
    heading
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

it('links of the pages lead to files and headings that are there', () => {
  const links = pages.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, to = '']) => to)
      .filter(to => !/^[a-z]+:/.test(to))
      .map(to => ({ file, to })),
  )
  const isBroken = ({ file, to }: { file: string; to: string }): boolean => {
    const [path = '', anchor] = to.split('#')
    const target = path === '' ? file : relative(root, join(root, dirname(file), path))
    const page = pages.find(one => one.file === target)
    return anchor && page ? !anchorsOf(page.text).includes(anchor) : !existsSync(join(root, target))
  }
  expect(links.length).toBeGreaterThan(200)
  expect(links.filter(isBroken)).toEqual([])
})
