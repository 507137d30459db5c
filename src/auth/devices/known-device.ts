import { randomBytes } from 'node:crypto'
import { type AuthCore, jarOf } from '../auth-core.ts'

/** The longest that browsers keep a cookie, in seconds. */
const maxAge = 400 * 86_400
/** A family's computer; more would make the cookie long. */
const mostUsers = 5

/**
 * Who has logged in from this browser before, in a sealed cookie: `<device> <user> <user>`. It lets nobody in; it keeps those who
 * guess a password elsewhere from holding up its owner here.
 */
export function knownDevice(core: AuthCore, request: object, userId: string | undefined): string | null {
  const [device, ...users] = read(core, request)
  return device !== undefined && userId !== undefined && users.includes(encode(userId)) ? device : null
}

/** Remembers that this user logged in from this browser. */
export function recogniseDevice(core: AuthCore, request: object, userId: string): void {
  const [device = randomBytes(16).toString('base64url'), ...others] = read(core, request)
  const user = encode(userId)
  if (others[0] === user) return
  const users = [user, ...others.filter(other => other !== user)].slice(0, mostUsers)
  const options = { purpose, maxAge, secure: core.secure }
  jarOf(core, request).setSealed(core.cookieNames.device, [device, ...users].join(' '), options)
}

const purpose = 'known device'

function read(core: AuthCore, request: object): string[] {
  return jarOf(core, request).getSealed(core.cookieNames.device, { purpose })?.split(' ') ?? []
}

function encode(userId: string): string {
  return encodeURIComponent(userId.toWellFormed())
}
