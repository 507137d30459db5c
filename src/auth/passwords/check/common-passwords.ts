import { brotliDecompressSync } from 'node:zlib'
import { isPadding, withoutEnds } from './padding.ts'
import { folded } from './problem.ts'

let list: Promise<ReadonlySet<string>> | undefined

/** Half a megabyte, a few milliseconds: loaded when the first password is checked. */
const commonPasswords = (): Promise<ReadonlySet<string>> => {
  list ??= import('./common-passwords-data.ts').then(({ commonPasswordsData }) => {
    const text = brotliDecompressSync(Buffer.from(commonPasswordsData, 'base64')).toString()
    return new Set(text.split('\n'))
  })
  return list
}

/** Whether a password is among the most common ones, also with spaces, or a few digits and signs, around it. ASVS 6.2.4. */
export async function isCommon(password: string, minimum: number): Promise<boolean> {
  const common = await commonPasswords()
  const text = folded(password).trim()
  if (common.has(text)) return true
  const { core, rest } = withoutEnds(text)
  return common.has(core) && isPadding(rest, minimum)
}
