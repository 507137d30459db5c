import { Router } from 'express'
import type { User } from 'keepsake/auth'
import { expressAuth } from 'keepsake/auth/express'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'

/** For staff alone: who has an account. */
export function staffPage(site: Site): Router {
  const { requireThat } = expressAuth(site.auth)
  const page = Router()

  page.get(
    '/staff',
    requireThat('staff', ({ isStaff }) => isStaff),
    async (req, res) => {
      const view = await viewOf(site, req)
      res.send(layout(view, view.words.staff.title, main(view, await site.auth.users.list())))
    },
  )

  return page
}

function main({ words: { staff }, format }: View, users: readonly User[]): Html {
  return html`<h1>${staff.heading}</h1>
<p class="lead">${staff.intro}</p>
<ul class="devices people">${users.map(
    ({ username, isStaff, joinedAt, lastLoginAt }) => html`<li class="card">
<p class="name"><strong>${username}</strong>${isStaff && html` <span class="badge">${staff.badge}</span>`}</p>
<p class="muted">${staff.joined(format.time(joinedAt))}<br>${lastLoginAt ? staff.lastLogin(format.time(lastLoginAt)) : staff.never}</p>
</li>`,
  )}</ul>`
}
