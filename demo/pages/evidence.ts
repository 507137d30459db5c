import { createHash } from 'node:crypto'
import type { Request } from 'express'
import { cookie, days, type Site, type VisitorSession } from '../sessions.ts'

/** What is kept of one visitor: the token masked, everything else as it is. */
export interface Kept {
  readonly token: string
  readonly tokenLength: number
  /** The SHA-256 of the token, computed here and now. */
  readonly hash: string
  readonly id: string
  readonly payload: string
  readonly version: string
  readonly userId: string | null
  readonly createdAt: Date
  readonly idleEnd: Date
  /** The cookie ends with the browser, whatever the record does. */
  readonly endsWithBrowser: boolean
  readonly absoluteEnd: Date
  /** From when on use moves the idle timeout; null: it cannot move much further. */
  readonly nextRenewal: Date | null
}

export interface Evidence {
  /** The browser sent a session cookie, whether it leads somewhere or not. */
  readonly cookieSent: boolean
  /** How many records the table holds, everybody's. */
  readonly records: number
  readonly kept: Kept | null
}

const dayMs = 86_400_000
const idleMs = days.idle * dayMs
export const renewalMs: number = idleMs / 10

/** Reads what the browser sent and what the store and the table hold for it. Writes nothing. */
export async function evidenceOf(site: Site, req: Request, session: VisitorSession): Promise<Evidence> {
  const token = tokenFrom(req.get('Cookie'))
  const { n } = site.database.prepare('SELECT count(*) AS n FROM session').get() as { n: number }
  const kept = token && session.id ? await keptFor(site, token, session.id) : null
  return { cookieSent: token !== undefined, records: n, kept }
}

async function keptFor({ store, database }: Site, token: string, id: string): Promise<Kept | null> {
  const record = await store.read(id)
  const row = database.prepare('SELECT user_id, created_at FROM session WHERE id = ?').get(id)
  if (!record || !row) return null
  const { payload, version, expiresAt } = record
  const createdAt = new Date(Number(row.created_at))
  const absoluteEnd = new Date(createdAt.getTime() + days.absolute * dayMs)
  return {
    ...{ token: masked(token), tokenLength: token.length, id, payload, version, createdAt, absoluteEnd },
    hash: createHash('sha256').update(token).digest('base64url'),
    userId: row.user_id === null ? null : String(row.user_id),
    idleEnd: expiresAt,
    endsWithBrowser: JSON.parse(payload).m?.expiry?.type === 'browser',
    nextRenewal: nextRenewal(expiresAt.getTime(), absoluteEnd.getTime()),
  }
}

/** Renewal waits until it moves the end by a tenth of the idle timeout, and never moves it past the absolute one. */
function nextRenewal(idleEnd: number, absoluteEnd: number): Date | null {
  return absoluteEnd - idleEnd < renewalMs ? null : new Date(idleEnd - idleMs + renewalMs)
}

function tokenFrom(header = ''): string | undefined {
  const pairs = header.split(';').map(pair => pair.trim())
  return pairs.find(pair => pair.startsWith(`${cookie.name}=`))?.slice(cookie.name.length + 1)
}

/** The secret as it may be shown: also who looks over the shoulder, or gets a screenshot, learns next to nothing. */
function masked(token: string): string {
  return `${token.slice(0, 4)}••••••••${token.slice(-2)}`
}
