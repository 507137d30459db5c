import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'keepsake-'))
const processes: ChildProcess[] = []
let origins: string[] = []

async function startProcess(): Promise<string> {
  const child = fork(join(import.meta.dirname, 'counting-server.ts'), [join(folder, 'sessions.db')])
  processes.push(child)
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return `http://127.0.0.1:${port}`
}

beforeAll(async () => {
  origins = await Promise.all(Array.from({ length: 4 }, startProcess))
}, 60_000)

afterAll(async () => {
  for (const child of processes) child.disconnect()
  await Promise.all(processes.map(child => child.exitCode ?? once(child, 'exit')))
  rmSync(folder, { recursive: true })
})

it('200 parallel requests of one visitor, over 4 processes on one SQLite file, count to exactly 200', async () => {
  const first = await fetch(`${origins[0]}/read`)
  expect([await first.json(), first.headers.getSetCookie()]).toEqual([0, []])
  const begun = await fetch(`${origins[0]}/count`)
  const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  expect(await begun.json()).toBe(1)

  const visits = Array.from({ length: 199 }, (_, i) => fetch(`${origins[i % 4]}/count`, { headers: { cookie } }))
  const answers = await Promise.all(visits)
  expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  for (const origin of origins) {
    expect(await (await fetch(`${origin}/read`, { headers: { cookie } })).json()).toBe(200)
  }
}, 60_000)
