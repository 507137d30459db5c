import { Router } from 'express'
import type { LoginDevice } from 'keepsake/auth'
import { expressAuth } from 'keepsake/auth/express'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'

/** The dashboard of whoever is logged in: who they are, and where. To end that somewhere needs a password that was given lately. */
export function accountPage(site: Site): Router {
  const { auth, sessions } = site
  const { requireUser, requireFresh } = expressAuth(auth)
  const page = Router()
  page.use('/account', requireUser)

  page.get('/account', async (req, res) => {
    const view = await viewOf(site, req)
    res.send(layout(view, view.words.account.title, main(view, await auth.devices(req))))
  })

  page.post('/account/end', requireFresh(), async (req, res) => {
    const ended = await auth.endDevice(req, String(req.body?.id))
    if (ended) (await sessions.of(req)).flash('notices', { about: 'deviceEnded' })
    res.redirect(303, '/account#devices')
  })

  page.post('/account/end-others', requireFresh(), async (req, res) => {
    await auth.endOtherDevices(req)
    ;(await sessions.of(req)).flash('notices', { about: 'othersEnded' })
    res.redirect(303, '/account#devices')
  })

  page.post('/account/end-all', requireFresh(), async (req, res) => {
    await auth.endDevices(req)
    res.redirect(303, '/')
  })

  return page
}

function main(view: View, devices: readonly LoginDevice[]): Html {
  const { account: words } = view.words
  const { username = '', isStaff = false, joinedAt = new Date() } = view.user ?? {}
  return html`<h1>${words.heading(username)}</h1>
<p class="lead">${words.since(view.format.time(joinedAt))}</p>
<ul class="links account">
<li><a class="card" href="/account/password"><strong>${words.password}</strong><span class="muted">${words.passwordNote}</span></a></li>
<li><a class="card" href="/staff"><strong>${words.staff}</strong><span class="muted">${isStaff ? words.staffNote : words.notStaffNote}</span></a></li>
</ul>
<h2 id="devices">${words.devices}</h2>
<ul class="devices">${devices.map(device => line(view, device))}</ul>
<section class="actions ends">
<form method="post" action="/logout"><button>${words.logout}</button><p class="muted">${words.logoutNote}</p></form>
${devices.length > 1 && html`<form method="post" action="/account/end-others"><button>${words.others}</button><p class="muted">${words.othersNote}</p></form>`}
<form method="post" action="/account/end-all"><button class="danger">${words.everywhere}</button><p class="muted">${words.everywhereNote}</p></form>
</section>`
}

/** The browser of who tries the demo is most often on the machine that serves it. */
function from({ words: { account: words } }: View, network: string): string {
  return ['::', '127.0.0.x'].includes(network) ? words.thisMachine : words.network(network)
}

function line(view: View, device: LoginDevice): Html {
  const { format } = view
  const { account: words } = view.words
  const name = words.on(device.browser, device.system)
  return html`<li class="card">
<p class="name"><strong>${name}</strong>${device.isCurrent && html` <span class="badge">${words.here}</span>`}</p>
<p class="muted">${words.loggedIn(format.time(device.loggedInAt))}${device.network && html`<br>${from(view, device.network)}`}${device.remembered && html`<br>${words.remembered}`}</p>
${
  !device.isCurrent &&
  html`<form method="post" action="/account/end"><input type="hidden" name="id" value="${device.id}">
<button class="quiet" aria-label="${words.end}: ${name}">${words.end}</button></form>`
}
</li>`
}
