declare module 'cookie-session' {
  import type { RequestHandler } from 'express'
  export default function cookieSession(options: Readonly<Record<string, unknown>>): RequestHandler
}
