import { type Request, Router } from 'express'
import { expressAuth, type LoginProblem } from 'keepsake/auth/express'
import { html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'
import { field } from './fields.ts'

/** Logging in and out. The forms are ours; what they do is the ready-made handlers' business. */
export function loginPage(site: Site): Router {
  const { login, logout } = expressAuth(site.auth)
  const page = Router()

  page.get('/login', async (req, res) => {
    const next = site.auth.safeNext(req, req.query.next, '/account')
    res.set('Cache-Control', 'no-store')
    const view = await viewOf(site, req)
    // Who has to prove again who they are stays remembered, unless they take the tick away.
    const remembered = (await site.auth.devices(req)).some(device => device.isCurrent && device.remembered)
    res.send(show(view, { next, username: view.user?.username ?? '', reason: null }, remembered))
  })

  page.post(
    '/login',
    login({
      home: '/account',
      page: async (problem, req: Request) => show(await viewOf(site, req), problem),
    }),
  )

  page.all('/logout', logout())

  return page
}

type Shown = Pick<LoginProblem, 'next' | 'username'> & { readonly reason: LoginProblem['reason'] | null }

function show(view: View, { next, username, reason }: Shown, remembered = false): string {
  const { login: words, fields, nav } = view.words
  const main = html`<h1>${words.heading}</h1>
<p class="lead">${view.user ? words.again : words.intro}</p>
<form method="post" action="/login" class="card form">
${reason && html`<p class="wrong" role="alert">${words[reason]}</p>`}
<input type="hidden" name="next" value="${next}">
${field(view, { name: 'username', label: fields.username, value: username, autocomplete: 'username' })}
${field(view, { name: 'password', label: fields.password, type: 'password', autocomplete: 'current-password' })}
<label class="choice"><input type="checkbox" name="remember" value="on"${remembered && html` checked`}><span>${words.remember}</span></label>
<button>${words.submit}</button>
</form>
${!view.user && html`<p class="beside">${words.noAccount} <a href="/sign-up">${nav.signUp}</a></p>`}`
  return layout(view, words.title, main)
}
