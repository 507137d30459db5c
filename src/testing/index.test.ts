import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import * as testing from './index.ts'

const suites = fileURLToPath(new URL('../../test/support/suites-on-node-test.ts', import.meta.url))

describe('keepsake/testing', () => {
  it('is three contracts, a clock, a cookie jar and a login', () => {
    const contracts = ['describeAdapter', 'describeSessionStore', 'describeUserStore']
    expect(Object.keys(testing).sort()).toEqual(['CookieJar', ...contracts, 'fakeClock', 'loginAs'])
  })

  it('runs under another test runner: that of Node', async () => {
    // A runner that sees that another one started it reports to that one.
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', suites], { env })
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(100)
    expect(stdout).toContain('# fail 0')
  })
})
