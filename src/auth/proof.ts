import { type User, type UserRecord, withoutCredentials } from './users/user.ts'

/** When and as what a user proved who they are. */
export interface Proof {
  readonly at: number
  readonly how: string
  readonly record: UserRecord
}

/** What was proved, for `login`, which is given the user alone. */
const proofs = new WeakMap<object, Proof>()

/** The proof behind a user object that `proved` gave out. */
export function proofOf(user: object): Proof | undefined {
  return proofs.get(user)
}

/** The user as the program sees them, with the proof behind it. */
export function proved<Own extends object>(
  record: UserRecord<Own>,
  { at, how }: Pick<Proof, 'at' | 'how'>,
): User & Own {
  const user = withoutCredentials<Own>(record)
  proofs.set(user, { at, how, record })
  return user
}
