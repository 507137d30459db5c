import crypto from 'node:crypto'
import { argon2id, createPasswords } from 'keepsake/auth'
import { checkPasswords } from './passwords.js'

export async function run() {
  await checkPasswords(createPasswords({ hasher: argon2id() }))
  return crypto.argon2 ? '' : 'with @node-rs/argon2'
}
