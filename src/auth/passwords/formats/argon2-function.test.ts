import { expect, it } from 'vitest'
import { findArgon2 } from './argon2-function.ts'

const salt = Buffer.from('sixteen bytes...')
const nothing = null as never as undefined

it('where node:crypto has no argon2, the package @node-rs/argon2 gives the same bytes', async () => {
  const [native, packaged] = [await findArgon2(), await findArgon2(nothing)]
  expect(packaged).not.toBe(native)
  for (const variety of ['argon2id', 'argon2i', 'argon2d'] as const) {
    const parameters = { variety, memory: 256, passes: 2, parallelism: 4 }
    const hash = await native('pässwörd\0 😀', salt, 32, parameters)
    expect(hash).toHaveLength(32)
    expect(await packaged('pässwörd\0 😀', salt, 32, parameters)).toEqual(hash)
  }
})

it('where neither is there, the error names the package to install', async () => {
  const cause = new Error('Cannot find package')
  const found = findArgon2(nothing, () => Promise.reject(cause))
  await expect(found).rejects.toMatchObject({ code: 'PACKAGE_MISSING', status: 500, cause })
  await expect(found).rejects.toThrow('npm install @node-rs/argon2')
})
