import { Router } from 'express'
import type { PasswordChange } from 'keepsake/auth'
import { html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'
import { field, type Problem } from './fields.ts'

/** A new password. This session stays, all others end. `/account` has the guard. */
export function passwordPage(site: Site): Router {
  const page = Router()

  page.get('/account/password', async (req, res) => {
    res.send(show(await viewOf(site, req), []))
  })

  page.post('/account/password', async (req, res) => {
    const { current = '', password = '' }: Record<string, string> = req.body ?? {}
    const change = await site.auth.changePassword(req, { current, password })
    if (change.changed) {
      const session = await site.sessions.of(req)
      session.flash('notices', { about: 'passwordChanged' })
      res.redirect(303, '/account')
      return
    }
    res.status(change.reason === 'throttled' ? 429 : 400)
    res.send(show(await viewOf(site, req), problemsOf(change)))
  })

  return page
}

function problemsOf(change: PasswordChange): readonly Problem[] {
  if (change.changed) return []
  return change.reason === 'refused' ? change.problems : [{ field: 'current', code: change.reason }]
}

function show(view: View, problems: readonly Problem[]): string {
  const { password: words, fields } = view.words
  const main = html`<h1>${words.heading}</h1>
<p class="lead">${words.intro}</p>
<form method="post" action="/account/password" class="card form">
${field(view, { name: 'current', label: fields.current, type: 'password', autocomplete: 'current-password' }, problems)}
${field(view, { name: 'password', label: fields.newPassword, type: 'password', autocomplete: 'new-password' }, problems)}
<button>${words.submit}</button>
</form>
<p class="beside"><a href="/account">${words.back}</a></p>`
  return layout(view, words.title, main)
}
