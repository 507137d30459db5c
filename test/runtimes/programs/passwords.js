import { same } from './visitor.js'

export async function checkPasswords(passwords) {
  const stored = await passwords.hash('lantern-orbit-42')
  same(await passwords.verify('lantern-orbit-42', stored), { valid: true, rehash: false }, 'the right password')
  same(await passwords.verify('lantern-orbit-43', stored), { valid: false, rehash: false }, 'a wrong password')
  same((await passwords.check('password')).length > 0, true, 'whether a common password is refused')
}
