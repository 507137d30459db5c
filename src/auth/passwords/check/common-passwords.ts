import { brotliDecompressSync } from 'node:zlib'
import { isPadding, withoutEnds } from './padding.ts'
import { folded } from './problem.ts'

/** The list's own line between those that are long enough and those that are not, which are seldom asked for. */
const shortest = 8

let common: Promise<ReadonlySet<string>> | undefined
let short: Promise<ReadonlySet<string>> | undefined

/** Half a megabyte, a few milliseconds: loaded when the first password is checked. */
const commonPasswords = (): Promise<ReadonlySet<string>> => {
  common ??= import('./common-passwords-data.ts').then(({ commonPasswordsData }) => setOf(commonPasswordsData))
  return common
}

const shortPasswords = (): Promise<ReadonlySet<string>> => {
  short ??= import('./short-passwords-data.ts').then(({ shortPasswordsData }) => setOf(shortPasswordsData))
  return short
}

function setOf(data: string): ReadonlySet<string> {
  return new Set(brotliDecompressSync(Buffer.from(data, 'base64')).toString().split('\n'))
}

/** Whether a password is among the most common ones, also with spaces, or a few digits and signs, around it. ASVS 6.2.4. */
export async function isCommon(password: string, minimum: number): Promise<boolean> {
  const text = folded(password).trim()
  if (text.length < shortest && (await shortPasswords()).has(text)) return true
  const common = await commonPasswords()
  if (common.has(text)) return true
  const { core, rest } = withoutEnds(text)
  return common.has(core) && isPadding(rest, minimum)
}
