import type { RequestHandler } from 'express'

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

/**
 * Refuses forms that another site sent. SameSite=Lax already keeps the cookie out of those; this also stops the subdomains
 * beside us, which count as the same site. Every browser says where a request comes from in this header, and no page can
 * forge it. A program that is not a browser leaves it out, and holds nobody's cookie.
 */
export const refuseCrossSite: RequestHandler = (req, _res, next) => {
  const from = req.get('Sec-Fetch-Site')
  const isOurs = from === undefined || from === 'same-origin' || from === 'none'
  const isReading = req.method === 'GET' || req.method === 'HEAD'
  next(isOurs || isReading ? undefined : refusal(403, `a form from ${from}`))
}
