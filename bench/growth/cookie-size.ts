import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { getIronSession } from 'iron-session'
import { encryptedCookie } from '../../src/engines/encrypted-cookie.ts'
import { createSessions } from '../../src/index.ts'
import { median } from '../statistics.ts'
import { crowd } from '../variants.ts'
import { visit } from './visit.ts'

const sizes = [100, 500, 1024, 2048, 4096] as const
const rounds = 9
/** How long each is run in a round, in ms. */
const stint = 40

interface Data {
  note: string
  visits: number
}

/** A way to keep data in a cookie: a cookie with these data, and one request that reads, or changes, what a cookie holds. */
interface Keeper {
  make(data: Data): Promise<string>
  read(cookie: string): Promise<unknown>
  write(cookie: string): Promise<unknown>
}

const key = createSecretKey(randomBytes(32))
const tag = { authTagLength: 16 }

function seal(text: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, tag)
  const body = cipher.update(text, 'utf8')
  cipher.final()
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
}

function open(value: string): string {
  const bytes = Buffer.from(value, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), tag)
  decipher.setAuthTag(bytes.subarray(-16))
  const text = decipher.update(bytes.subarray(12, -16))
  decipher.final()
  return text.toString()
}

/** From the cookie's text to the data's, and back: nothing is parsed or checked but the tag. */
const raw: Keeper = {
  make: async data => seal(JSON.stringify(data)),
  read: async cookie => open(cookie),
  write: async cookie => seal(open(cookie)),
}

const sessions = createSessions<Data>({ engine: encryptedCookie({ secrets: randomBytes(32).toString('base64url') }) })

const keepsake: Keeper = {
  make: data => visit(sessions, undefined, async request => (await sessions.of(request)).assign(data)),
  read: cookie => visit(sessions, cookie, async request => (await sessions.of(request)).get('visits')),
  write: cookie =>
    visit(sessions, cookie, async request => (await sessions.of(request)).update('visits', (n = 0) => n + 1)),
}

// Without `chunk` it refuses what does not fit into one cookie.
const ironOptions = { cookieName: 'iron', password: randomBytes(32).toString('base64url'), chunk: true }

/** Its cookies as `next/headers` would give them to it, which is the least that it can be given. */
function jarOf(cookie: string): { get(name: string): { name: string; value: string } | undefined; set(): void } {
  const values = new Map(cookie.split('; ').map(pair => [pair.slice(0, pair.indexOf('=')), pair]))
  return {
    get(name) {
      const pair = values.get(name)
      return pair === undefined ? undefined : { name, value: pair.slice(name.length + 1) }
    },
    set: () => undefined,
  }
}

const iron: Keeper = {
  async make(data) {
    const pairs: string[] = []
    const jar = { get: () => undefined, set: (name: string, value: string) => pairs.push(`${name}=${value}`) }
    const session = await getIronSession<Data>(jar, ironOptions)
    await Object.assign(session, data).save()
    return pairs.join('; ')
  },
  read: async cookie => (await getIronSession<Data>(jarOf(cookie), ironOptions)).visits,
  async write(cookie) {
    const session = await getIronSession<Data>(jarOf(cookie), ironOptions)
    session.visits = (session.visits ?? 0) + 1
    await session.save()
  },
}

const keepers = { 'floor: AES-256-GCM': raw, 'Keepsake, encrypted cookie': keepsake, 'iron-session': iron } as const

/** Microseconds of CPU of the whole process, for data of several sizes, each cookie as if it came for the first time. */
export async function cookieSizeRows(progress: (text: string) => void): Promise<string[][]> {
  const names = Object.keys(keepers)
  const columns: string[][] = []
  for (const size of sizes) {
    progress(`cookies of ${size} bytes`)
    columns.push(await columnOf(size))
  }
  const titles = [...names.flatMap(name => [`${name}: read`, `${name}: write`]), ...names.map(name => `${name}: bytes`)]
  return [
    ['µs of CPU, bytes of data', ...sizes.map(String)],
    ...titles.map((title, i) => [title, ...columns.map(column => column[i] ?? '')]),
  ]
}

/** The times of each keeper to read and to write, and how long its cookies are. */
async function columnOf(size: number): Promise<string[]> {
  const contenders = await Promise.all(
    Object.values(keepers).map(async keeper => ({ keeper, cookies: await cookiesOf(keeper, size) })),
  )
  const runs = contenders.flatMap(({ keeper, cookies }) => [
    () => cpuPerCall(cookies, keeper.read),
    () => cpuPerCall(cookies, keeper.write),
  ])
  const times = runs.map((): number[] => [])
  // The first round is for the code to be compiled.
  for (let round = 0; round <= rounds; round++) {
    for (const [i, run] of runs.entries()) {
      const time = await run()
      if (round > 0) times[i]?.push(time)
    }
  }
  const bytes = contenders.map(({ cookies: [first = ''] }) => String(first.length))
  return [...times.map(list => median(list).toFixed(1)), ...bytes]
}

async function cookiesOf({ make }: Keeper, size: number): Promise<string[]> {
  const empty = JSON.stringify({ note: '', visits: 1_000_000 } satisfies Data).length
  const cookies: string[] = []
  // A text that does not repeat: what is sealed might be compressed.
  const noteOf = (): string =>
    randomBytes(size)
      .toString('base64url')
      .slice(0, size - empty)
  while (cookies.length < crowd) cookies.push(await make({ note: noteOf(), visits: 1_000_000 + cookies.length }))
  return cookies
}

const nextOf = new WeakMap<readonly string[], number>()

/** Takes up the cookies where the last call left them, so that each comes back only after all others. */
async function cpuPerCall(cookies: readonly string[], call: (cookie: string) => Promise<unknown>): Promise<number> {
  let next = nextOf.get(cookies) ?? 0
  const first = next
  const before = process.cpuUsage()
  for (const end = performance.now() + stint; performance.now() < end; next++) await call(cookies[next % crowd] ?? '')
  const { user, system } = process.cpuUsage(before)
  nextOf.set(cookies, next)
  return (user + system) / (next - first)
}
