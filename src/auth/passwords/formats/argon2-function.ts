import crypto from 'node:crypto'
import { KeepsakeError } from '../../../errors.ts'

export interface Argon2Parameters {
  readonly variety: 'argon2id' | 'argon2i' | 'argon2d'
  /** In KiB. */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** Argon2 version 1.3 (RFC 9106) of a password and a salt, `length` bytes of it. */
export type Argon2 = (password: string, salt: Buffer, length: number, parameters: Argon2Parameters) => Promise<Buffer>

/** Node has it from 24.7 on; the other runtimes, as far as known, have not. */
type NativeArgon2 = typeof crypto.argon2 | undefined
type Argon2Package = Pick<typeof import('@node-rs/argon2'), 'hashRaw'>

/** The function of `node:crypto`, else that of the package `@node-rs/argon2`. Rejects with `PACKAGE_MISSING` without both. */
export async function findArgon2(
  native: NativeArgon2 = crypto.argon2,
  load: () => Promise<Argon2Package> = () => import('@node-rs/argon2'),
): Promise<Argon2> {
  if (native) return nativeArgon2(native)
  const found = await load().catch(cause => {
    const fix = 'argon2 needs @node-rs/argon2 on this runtime: npm install @node-rs/argon2, or run Node 24.7 or later'
    throw new KeepsakeError('PACKAGE_MISSING', fix, { cause })
  })
  return packagedArgon2(found)
}

function nativeArgon2(argon2: typeof crypto.argon2): Argon2 {
  return (password, salt, length, { variety, memory, passes, parallelism }) =>
    new Promise((resolve, reject) => {
      const message = Buffer.from(password)
      const options = { message, nonce: salt, tagLength: length, memory, passes, parallelism }
      argon2(variety, options, (error, hash) => (error ? reject(error) : resolve(hash)))
    })
}

/** The package's own names for these are const enums, which do not exist at run time. */
const algorithms = { argon2d: 0, argon2i: 1, argon2id: 2 } as const

function packagedArgon2({ hashRaw }: Argon2Package): Argon2 {
  return (password, salt, outputLen, { variety, memory: memoryCost, passes: timeCost, parallelism }) =>
    hashRaw(password, { algorithm: algorithms[variety], salt, outputLen, memoryCost, timeCost, parallelism })
}
