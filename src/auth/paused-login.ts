import { type Sealer, sealer } from '../crypto/seal.ts'
import { KeepsakeError } from '../errors.ts'
import { type AuthCore, findUser } from './auth-core.ts'
import { voidReason } from './current-user.ts'
import { proofOf, proved } from './proof.ts'
import type { User } from './users/user.ts'

/** How long the next step may take: as long as a code that was sent may be good (ASVS 6.5.5). */
const longestMs = 10 * 60_000

/** What has to last until the next step. A password that is changed meanwhile, or the end of all sessions, voids it as it voids a session. */
interface Paused {
  readonly userId: string
  readonly at: number
  readonly how: string
  readonly since: number
  readonly authHash: string
}

/** The proof behind a user whom `authenticate` gave, as a text that nobody else can make or read, for a later request. */
export function pauseLogin({ ring, authHash }: AuthCore, user: object): string {
  const proof = proofOf(user)
  if (!proof) throw new KeepsakeError('OPTION_INVALID', 'pauseLogin was given a user who is not what authenticate gave')
  const { at, how, record } = proof
  const since = record.sessionsValidFrom
  const paused: Paused = { userId: record.id, at, how, since, authHash: authHash.of(record.password) }
  return sealerOf(ring).seal(JSON.stringify(paused))
}

/** The user of such a text, with the proof as it was; null if it is none of ours, too old, or void by now. */
export async function resumeLogin<Own extends object>(
  core: AuthCore<Own>,
  text: unknown,
): Promise<(User & Own) | null> {
  const opened = typeof text === 'string' ? sealerOf(core.ring).open(text) : null
  if (!opened) return null
  const { userId, ...facts }: Paused = JSON.parse(opened.text)
  if (core.now() - facts.at >= longestMs) return null
  const record = await findUser(core, { id: userId })
  return record && voidReason(core, record, facts) === null ? proved<Own>(record, facts) : null
}

function sealerOf(ring: AuthCore['ring']): Sealer {
  return sealer(ring, 'paused login', 'login')
}
