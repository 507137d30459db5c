import { Router } from 'express'
import type { Auth, User } from 'keepsake/auth'
import { html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'
import { field, type Problem } from './fields.ts'

/** A new account. Whoever makes one is logged in with it at once. */
export function signUpPage(site: Site): Router {
  const page = Router()

  page.get('/sign-up', async (req, res) => {
    res.set('Cache-Control', 'no-store')
    res.send(show(await viewOf(site, req), {}, []))
  })

  page.post('/sign-up', async (req, res) => {
    const { username = '', email = '', password = '' }: Record<string, string> = req.body ?? {}
    const { user, problems } = await site.auth.users.create({ username, email, password })
    if (!user) {
      res.status(400).set('Cache-Control', 'no-store')
      res.send(show(await viewOf(site, req), { username, email }, problems))
      return
    }
    await makeFirstStaff(site.auth, user)
    await site.auth.login(req, user)
    const session = await site.sessions.of(req)
    session.flash('notices', { about: 'welcome' })
    res.redirect(303, '/account')
  })

  return page
}

/** Somebody has to see the staff's page: whoever comes first. */
async function makeFirstStaff({ users }: Auth, user: User): Promise<void> {
  const [first, second] = await users.list({ limit: 2 })
  if (first?.id === user.id && !second) await users.setStanding(user.id, { isStaff: true })
}

function show(view: View, typed: { username?: string; email?: string }, problems: readonly Problem[]): string {
  const { signUp: words, fields, nav } = view.words
  const main = html`<h1>${words.heading}</h1>
<p class="lead">${words.intro}</p>
<form method="post" action="/sign-up" class="card form">
${field(view, { name: 'username', label: fields.username, value: typed.username ?? '', hint: words.username, autocomplete: 'username' }, problems)}
${field(view, { name: 'email', label: fields.email, type: 'email', value: typed.email ?? '', hint: words.email, autocomplete: 'email', optional: true }, problems)}
${field(view, { name: 'password', label: fields.password, type: 'password', hint: words.password, autocomplete: 'new-password' }, problems)}
<button>${words.submit}</button>
</form>
<p class="beside">${words.haveAccount} <a href="/login">${nav.login}</a></p>`
  return layout(view, words.title, main)
}
