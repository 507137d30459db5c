import express from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { expressSessions } from '../../src/adapters/express.ts'
import { fastifySessions } from '../../src/adapters/fastify.ts'
import { withSessions } from '../../src/adapters/fetch.ts'
import { honoSessions } from '../../src/adapters/hono.ts'
import { koaSessions } from '../../src/adapters/koa.ts'
import { nodeSessions } from '../../src/adapters/node.ts'
import type { Auth } from '../../src/auth/auth.ts'
import { expressAuth } from '../../src/auth/guards/express.ts'
import { fastifyAuth } from '../../src/auth/guards/fastify.ts'
import { fetchAuth } from '../../src/auth/guards/fetch.ts'
import type { Guards } from '../../src/auth/guards/guards.ts'
import { honoAuth } from '../../src/auth/guards/hono.ts'
import { koaAuth } from '../../src/auth/guards/koa.ts'
import type { LoginProblem } from '../../src/auth/handlers/login.ts'
import type { Sessions } from '../../src/session/sessions.ts'
import type { MountedApp } from '../../src/testing/adapter-contract/app.ts'
import { listen } from './listen.ts'

/** A site with accounts on one framework. */
export interface AuthApp {
  readonly sessions: Sessions<{ visits: number }>
  readonly auth: Auth
  /** What those see who came through a guard. */
  readonly show: (request: object) => Promise<string>
}

export const page = ({ message, username, next }: LoginProblem): string =>
  `<p>${message} ${encodeURIComponent(username)} ${encodeURIComponent(next)}</p>`

/** The pages of every site, each behind its guard. */
function guarded<Guard>(guards: Guards<object, Guard>): [path: string, guard: Guard][] {
  return [
    ['/account', guards.requireUser],
    ['/publish', guards.requirePermission('blog.publish')],
    ['/editors', guards.requireGroup('editors')],
    ['/password', guards.requireFresh({ maxAge: '5m' })],
    ['/staff', guards.requireThat('staff', ({ isStaff }) => isStaff)],
  ]
}

type Mount = (app: AuthApp) => Promise<MountedApp>

function onExpress(make: typeof express, parsed: boolean): Mount {
  return async ({ sessions, auth, show }) => {
    const app = make()
    app.set('env', 'test')
    const site = expressAuth(auth)
    app.use(expressSessions(sessions))
    if (parsed) app.use(make.urlencoded({ extended: true }), make.json())
    app.post('/login', site.login({ page }))
    app.all('/logout', site.logout({ home: '/bye' }))
    const account: express.RequestHandler = (req, res, next) => {
      show(req).then(text => res.send(text), next)
    }
    for (const [path, guard] of guarded(site)) app.all(path, guard, account)
    return listen(app)
  }
}

export const authMounts: Readonly<Record<string, Mount>> = {
  'Express 5': onExpress(express, false),
  'Express 5 with bodies parsed': onExpress(express, true),
  'Express 4 with bodies parsed': onExpress(express4, true),

  'node:http': async ({ sessions, auth, show }) => {
    const site = expressAuth(auth)
    const guards = new Map(guarded(site))
    const [login, logout] = [site.login({ page }), site.logout({ home: '/bye' })]
    return listen(
      nodeSessions(sessions, (req, res) => {
        const path = req.url?.split('?')[0] ?? ''
        if (path === '/login') return login(req, res)
        if (path === '/logout') return logout(req, res)
        return new Promise<void>((resolve, reject) => {
          res.once('close', resolve)
          guards.get(path)?.(req, res, error => {
            if (error) reject(error)
            else show(req).then(text => res.end(text), reject)
          })
        })
      }),
    )
  },

  fetch: async ({ sessions, auth, show }) => {
    const site = fetchAuth(auth)
    const account = async (request: Request): Promise<Response> => new Response(await show(request))
    const pages: Record<string, (request: Request) => Promise<Response>> = {
      '/login': site.login({ page }),
      '/logout': site.logout({ home: '/bye' }),
      ...Object.fromEntries(guarded(site).map(([path, guard]) => [path, guard(account)])),
    }
    const handler = withSessions(
      sessions,
      request => pages[new URL(request.url).pathname]?.(request) ?? Response.error(),
    )
    return {
      fetch: (path, init) => handler(new Request(`http://127.0.0.1${path}`, init)),
      close: async () => undefined,
    }
  },

  Hono: async ({ sessions, auth, show }) => {
    const app = new Hono()
    const site = honoAuth(auth)
    app.use(honoSessions(sessions))
    app.post('/login', site.login({ page }))
    app.all('/logout', site.logout({ home: '/bye' }))
    for (const [path, guard] of guarded(site)) app.all(path, guard, async c => c.text(await show(c)))
    return {
      fetch: async (path, init) => app.request(`http://127.0.0.1${path}`, init),
      close: async () => undefined,
    }
  },

  Koa: async ({ sessions, auth, show }) => {
    const app = new Koa()
    app.silent = true
    const site = koaAuth(auth)
    const guards = new Map(guarded(site))
    const [login, logout] = [site.login({ page }), site.logout({ home: '/bye' })]
    app.use(koaSessions(sessions))
    app.use((ctx, next) => {
      if (ctx.path === '/login') return login(ctx)
      if (ctx.path === '/logout') return logout(ctx)
      return guards.get(ctx.path)?.(ctx, next)
    })
    app.use(async ctx => {
      ctx.body = await show(ctx)
    })
    return listen(app.callback())
  },

  Fastify: async ({ sessions, auth, show }) => {
    const app = Fastify()
    const site = fastifyAuth(auth)
    await app.register(fastifySessions, { sessions })
    const form = 'application/x-www-form-urlencoded'
    app.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    )
    app.post('/login', site.login({ page }))
    app.all('/logout', site.logout({ home: '/bye' }))
    for (const [path, preHandler] of guarded(site)) app.all(path, { preHandler }, request => show(request))
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    return {
      fetch: (path, init) => fetch(address + path, init),
      async close(): Promise<void> {
        app.server.closeAllConnections()
        await app.close()
      },
    }
  },
}
