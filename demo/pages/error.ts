import type { ErrorRequestHandler, RequestHandler } from 'express'
import { isKeepsakeError } from 'keepsake'
import { refusal } from '../guard.ts'
import { type Html, html } from '../html.ts'
import { layout, strangersView, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'

/** The statuses that have a text of their own. Others are shown as the nearest of them. */
const explained = [400, 403, 404, 409, 500, 503] as const

export const notFound: RequestHandler = req => {
  throw refusal(404, `no page at ${req.path}`)
}

/** The one page for all errors: those of Keepsake come here like any other, with the status they stand for. */
export function errorPage(site: Site): ErrorRequestHandler {
  return async (error, req, res, next) => {
    if (res.headersSent) return next(error)
    const status = statusOf(error)
    if (status >= 500 && req.app.get('env') !== 'test') console.error(error)
    // After such an error the session is out of reach, or has ended: the page is that of a stranger.
    const isLost = isKeepsakeError(error) && (status >= 500 || error.code === 'SESSION_ENDED')
    const view = isLost ? strangersView(req) : await viewOf(site, req).catch(() => strangersView(req))
    if (isKeepsakeError(error)) res.set(error.headers)
    res
      .status(status)
      .send(layout(view, view.words.errors.title(status), main(view, status, isKeepsakeError(error, 'ACCESS_DENIED'))))
  }
}

function statusOf(error: { status?: unknown }): number {
  const status = Number(error?.status)
  return status >= 400 && status <= 599 ? status : 500
}

function main({ words: { errors } }: View, status: number, isDenied: boolean): Html {
  const { heading, text } = isDenied
    ? errors.denied
    : errors[explained.find(known => known === status) ?? (status < 500 ? 400 : 500)]
  return html`<section class="error">
<p class="kicker">${errors.title(status)}</p>
<h1>${heading}</h1>
<p class="lead">${text}</p>
<p><a href="/">${errors.back}</a></p>
</section>`
}
