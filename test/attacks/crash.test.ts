import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const run = (file: string) =>
  spawnSync(process.execPath, [join(import.meta.dirname, file)], { encoding: 'utf8', timeout: 15_000 })

it('set, write, set on node:http, by a visitor without a cookie, ended the process', () => {
  const { status, stdout, stderr } = run('crash-server.ts')
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '200\n', stderr: '' })
})

it('the first request over node:http2 that used the session ended the process', () => {
  const { status, stdout } = run('http2-server.ts')
  expect({ status, stdout }).toEqual({ status: 0, stdout: '200\n' })
})
