import { KeepsakeError } from '../errors.ts'

/** What the handlers of the frameworks get, as far as it tells them apart. */
interface Handed {
  readonly raw?: unknown
  readonly req?: { readonly raw?: unknown; readonly headers?: unknown } | null
  readonly request?: { readonly headers?: unknown } | null
  readonly res?: unknown
  readonly next?: unknown
  readonly app?: unknown
  readonly server?: unknown
  readonly headers?: unknown
}

/** The error for a request that no adapter has seen, with the line that its framework needs. */
export function unknownRequest(request: object): KeepsakeError {
  return new KeepsakeError('REQUEST_UNKNOWN', howToMount(request ?? {}))
}

function howToMount(handed: Handed): string {
  if (handed.raw && handed.server)
    return "it is Fastify's, which needs await fastify.register(fastifySessions, { sessions })"
  if (handed.req?.raw) return "it is Hono's, which needs app.use(honoSessions(sessions))"
  if (handed.req?.headers instanceof Headers) return inside('req')
  if (handed.request?.headers instanceof Headers) return inside('request')
  if (handed.app && handed.req) return "it is Koa's, which needs app.use(koaSessions(sessions))"
  if (handed.app && handed.res) return "it is Express's, which needs app.use(expressSessions(sessions))"
  if (handed instanceof Request) return 'it is a Request, which needs fetch: withSessions(sessions, handler)'
  if (handed.headers) return "it is Node's, which needs createServer(nodeSessions(sessions, handler))"
  return 'it does not look like a request'
}

/** SvelteKit, React Router, Astro and Elysia hand over a context with `request`, h3 one with `req`. */
function inside(name: string): string {
  return `the Request is inside of it: take sessions.of(its .${name}), which needs withSessions(sessions, handler)`
}
