import type { Result } from './measure.ts'
import { routes } from './variants.ts'

/** As wide as a phone, so that nothing has to be made smaller to be read there. */
const width = 360
const labelHeight = 22
const barHeight = 11
const groupHeight = labelHeight + routes.length * (barHeight + 2) + 8
/** Right of the bars, for the numbers. */
const numberWidth = 76
const headHeight = 44

// Colours that can be told apart without seeing red and green apart, on white and on black.
const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.small { font-size: 10.5px }
.ours { font-weight: 600 }
.untouched { fill: #8c959f } .read { fill: #2f81c1 } .write { fill: #d1782a }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
`

/** A bar for each route of each variant, as SVG: microseconds of CPU above the bare framework. */
export function chart(results: readonly Result[]): string {
  const shown = results.filter(({ variant }) => variant.bare !== variant.id)
  const longest = Math.max(1, ...shown.flatMap(({ figures }) => routes.map(route => figures[route].cpu)))
  const height = headHeight + shown.length * groupHeight
  const groups = shown.map((result, i) => group(result, headHeight + i * groupHeight, longest))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    '<title id="title">CPU that sessions add to a request, in microseconds</title>',
    `<style>${style}</style>`,
    '<text x="4" y="16">CPU added to a request, in µs: less is better</text>',
    ...routes.map((route, i) => legend(route, 4 + i * 80)),
    ...groups,
    '</svg>\n',
  ].join('\n')
}

function legend(route: string, x: number): string {
  return `<rect class="${route}" x="${x}" y="25" width="10" height="10"/><text class="small" x="${x + 14}" y="34">${route}</text>`
}

function group({ variant, figures }: Result, top: number, longest: number): string {
  const isOurs = variant.title.startsWith('Keepsake')
  const label = `<text${isOurs ? ' class="ours"' : ''} x="4" y="${top + 16}">${variant.title}</text>`
  const bars = routes.map((route, i) => {
    const { cpu, spread } = figures[route]
    const length = Math.max(1, (cpu / longest) * (width - numberWidth - 8))
    const y = top + labelHeight + i * (barHeight + 2)
    const bar = `<rect class="${route}" x="4" y="${y}" width="${length.toFixed(1)}" height="${barHeight}"/>`
    const number = `${cpu.toFixed(1)} ±${spread.toFixed(1)}`
    return `${bar}<text class="small" x="${(length + 8).toFixed(1)}" y="${y + 9}">${number}</text>`
  })
  return [label, ...bars].join('\n')
}
