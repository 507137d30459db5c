import { expect, it } from 'vitest'
import { siteOf } from './kit.ts'

const message = async (userId: unknown) => {
  let error: unknown
  await siteOf().browser.visit(s => {
    try {
      s.rotate({ userId: userId as never })
    } catch (e) {
      error = e
    }
  })
  return error as Error & { code?: string }
}
it('a BigInt as userId is VALUE_INVALID', async () => expect((await message(5n)).code).toBe('VALUE_INVALID'))
it('a whole user given as userId is not printed into the error', async () =>
  expect((await message({ id: 1, passwordHash: '$argon2id$secret' })).message).not.toContain('argon2'))
