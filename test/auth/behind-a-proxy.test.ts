import type { IncomingMessage } from 'node:http'
import express from 'express'
import { fastify } from 'fastify'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'
import { expressSessions } from '../../src/adapters/express.ts'
import { fastifySessions } from '../../src/adapters/fastify.ts'
import { koaSessions } from '../../src/adapters/koa.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import { type AuthOptions, createAuth } from '../../src/auth/create-auth.ts'
import { memoryUsers } from '../../src/auth/users/memory-users.ts'
import { createSessions } from '../../src/create-sessions.ts'
import { memoryStore } from '../../src/stores/memory.ts'
import type { MountedApp } from '../../src/testing/adapter-contract/app.ts'
import { listen } from '../support/listen.ts'
import { password, secret } from './auth-site.ts'

const sessions = createSessions({ store: memoryStore(), cookie: { secure: false } })

/** Tries a password for another name each time, and tells how it went. Each network has two tries. */
function guesser(more: Partial<AuthOptions> = {}): (request: object) => Promise<string> {
  const throttle = { networkAttempts: 2 }
  const auth = createAuth({ sessions, users: memoryUsers(), secrets: secret, throttle, ...more })
  let names = 0
  return async request => {
    const { reason } = await auth.authenticate(request, { username: `user ${names++}`, password })
    return reason ?? 'logged in'
  }
}

/** Each set up as docs/throttling.md has it for one proxy of the site's own. */
const servers: Record<string, () => Promise<MountedApp>> = {
  async Express() {
    const [app, guess] = [express(), guesser()]
    app.set('trust proxy', 1)
    app.use(expressSessions(sessions))
    app.get('/', async (req, res) => void res.send(await guess(req)))
    return listen(app)
  },
  async Fastify() {
    const [app, guess] = [fastify({ trustProxy: '127.0.0.1' }), guesser()]
    await app.register(fastifySessions, { sessions })
    app.get('/', request => guess(request))
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    return { fetch: (path, init) => fetch(url + path, init), close: () => app.close() }
  },
  async Koa() {
    const [app, guess] = [new Koa({ proxy: true, maxIpsCount: 1 }), guesser()]
    app.use(koaSessions(sessions))
    app.use(async ctx => {
      ctx.body = await guess(ctx)
    })
    return listen(app.callback())
  },
  async 'node:http'() {
    const clientAddress = (request: IncomingMessage) => String(request.headers['x-forwarded-for']).split(',').at(-1)
    const guess = guesser({ clientAddress })
    return listen(nodeSessions(sessions, async (req, res) => void res.end(await guess(req))))
  },
}

let server: MountedApp | undefined

afterEach(() => server?.close())

describe.each(Object.entries(servers))('CVE-2026-45364: behind a proxy, on %s', (_name, start) => {
  it('a client has no new network by what it writes into X-Forwarded-For, and others have theirs', async () => {
    server = await start()
    const { fetch } = server
    const guess = async (forwarded: string): Promise<string> =>
      (await fetch('/', { headers: { 'x-forwarded-for': forwarded } })).text()
    const answers: string[] = []
    for (let n = 0; n < 4; n++) answers.push(await guess(`198.51.100.${n}, 203.0.113.9`))
    expect(answers).toEqual(['invalid', 'invalid', 'throttled', 'throttled'])
    expect(await guess('203.0.113.9, 203.0.113.10')).toBe('invalid')
  })
})
