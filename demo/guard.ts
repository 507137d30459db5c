import type { RequestHandler } from 'express'
import type { Site } from './sessions.ts'

/** An error that the error page answers with this status. */
export function refusal(status: number, message: string): Error {
  return Object.assign(new Error(message), { status })
}

/** Nothing but this site's own styles and pictures, and no script at all. */
const headers = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
}

export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.set(headers)
  next()
}

/** Refuses forms that another site sent, also those of the subdomains beside us, for which SameSite=Lax does nothing. */
export function refuseCrossSite({ auth }: Site): RequestHandler {
  return (req, _res, next) => {
    auth.requireSameSite(req).then(() => next(), next)
  }
}
