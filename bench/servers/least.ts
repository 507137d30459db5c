import { hash } from 'node:crypto'
import type { Routes } from './express-app.ts'

/** What the least of a session reads and changes. */
export interface LeastVisitor {
  readonly user: string
  visits: number
}

/** The id behind a cookie, of which nothing is checked. */
export function idOf(cookie = ''): string {
  return hash('sha256', cookie.slice(cookie.indexOf('=') + 1), 'base64url')
}

/**
 * What is left of a session beside the calls of its store: the hash of the token, the text of the record, an answer that is waited
 * for. Nothing is checked or compared, and no answer is held back until something is saved.
 */
export function leastRoutes(textOf: (id: string) => string, save: (id: string, text: string) => unknown): Routes {
  /** A promise, since a session that may be anywhere is one. */
  async function load(id: string): Promise<LeastVisitor> {
    return JSON.parse(textOf(id))
  }

  return {
    login: (_req, res) => void res.send('in'),
    async read(req, res) {
      const session = await load(idOf(req.headers.cookie))
      res.send(session.user)
    },
    async write(req, res) {
      const id = idOf(req.headers.cookie)
      const session = await load(id)
      session.visits++
      save(id, JSON.stringify(session))
      res.send(String(session.visits))
    },
  }
}
