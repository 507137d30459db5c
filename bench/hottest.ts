// The functions, and the files, that took most time of their own in a CPU profile: node bench/hottest.ts some.cpuprofile [how many]
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { textTable } from './text-table.ts'

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const [file = '', most = '40'] = process.argv.slice(2)
const { nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(file, 'utf8'))
const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
const [byFunction, byFile]: [Map<string, number>, Map<string, number>] = [new Map(), new Map()]
let total = 0
for (const [i, id] of samples.entries()) {
  const frame = frames.get(id)
  const delta = timeDeltas[i] ?? 0
  if (!frame || frame.functionName === '(idle)') continue
  total += delta
  add(byFunction, nameOf(frame), delta)
  add(byFile, placeOf(frame) || frame.functionName, delta)
}
console.log(`${tableOf('function', byFunction)}\n\n${tableOf('file', byFile)}`)

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time)
}

function tableOf(head: string, times: ReadonlyMap<string, number>): string {
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, Number(most))
  return textTable([[head, 'ms', '%'], ...rows.map(([name, time]) => cells(name, time))])
}

function cells(name: string, time: number): string[] {
  return [name, (time / 1000).toFixed(0), ((time / total) * 100).toFixed(1)]
}

function nameOf(frame: Frame): string {
  const place = placeOf(frame)
  return `${frame.functionName || '(anonymous)'} ${place}${place ? `:${frame.lineNumber + 1}` : ''}`
}

function placeOf({ url }: Frame): string {
  return url.startsWith('file:') ? relative(process.cwd(), fileURLToPath(url)) : url
}
