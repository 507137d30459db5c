import { createPasswords, pbkdf2, scrypt } from 'keepsake/auth'
import { checkPasswords } from './passwords.js'

export async function run() {
  await checkPasswords(createPasswords({ hasher: scrypt() }))
  await checkPasswords(createPasswords({ hasher: pbkdf2() }))
}
