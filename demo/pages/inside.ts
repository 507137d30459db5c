import { Router } from 'express'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import { cookie, type Site } from '../sessions.ts'
import { type Evidence, evidenceOf, type Kept } from './evidence.ts'
import { facts, pretty } from './facts.ts'
import { nineSteps } from './steps.ts'

/** What the browser holds beside what the server holds for it. Looking stores nothing. */
export function insidePage(site: Site): Router {
  const page = Router()

  page.get('/inside', async (req, res) => {
    const session = await site.sessions.of(req)
    const view = await viewOf(site, req)
    // If a notice was taken, the row changes. It is saved now rather than at the end, to be shown as it will be.
    await session.commit()
    const evidence = await evidenceOf(site, req, session)
    res.set('Cache-Control', 'private, no-store')
    res.send(layout(view, view.words.inside.title, main(view, evidence)))
  })

  page.post('/inside/rotate', async (req, res) => {
    const session = await site.sessions.of(req)
    if (session.id) {
      session.rotate()
      session.flash('notices', { about: 'rotated' })
    }
    res.redirect(303, '/inside')
  })

  page.post('/inside/end', async (req, res) => {
    const session = await site.sessions.of(req)
    session.destroy()
    res.redirect(303, '/inside')
  })

  return page
}

function main(view: View, evidence: Evidence): Html {
  const { inside } = view.words
  const { kept } = evidence
  return html`<h1>${inside.heading}</h1>
<p class="lead">${inside.intro}</p>
<div class="sides">
<section class="card browser">
<h2 class="kicker">${inside.browser}</h2>
${kept ? cookiePanel(view, kept) : noCookie(view, evidence)}
</section>
<section class="card server">
<h2 class="kicker">${inside.server}</h2>
${kept ? rowPanel(view, kept) : noRow(view)}
</section>
${kept && actions(view)}
</div>
<h2>${inside.nine}</h2>
${nineSteps(view, evidence)}`
}

function cookiePanel({ words: { inside }, format }: View, kept: Kept): Html {
  return html`<h3>${inside.cookie}</h3>
${facts([
  [inside.name, cookie.name],
  [inside.value, kept.token],
  [inside.attributes, cookie.attributes],
  [inside.expires, kept.endsWithBrowser ? inside.withBrowser : format.time(kept.idleEnd)],
])}
<p class="muted">${inside.masked}</p>`
}

function rowPanel({ words: { inside }, format }: View, kept: Kept): Html {
  return html`<h3>${inside.row}</h3>
${facts([
  ['id', kept.id],
  ['user_id', kept.userId ?? inside.noUser],
  ['payload', pretty(kept.payload)],
  ['version', kept.version],
  ['created_at', format.time(kept.createdAt)],
  ['expires_at', format.time(kept.idleEnd)],
])}
<p class="muted">${inside.hashed}</p>`
}

function noCookie({ words: { inside } }: View, { cookieSent }: Evidence): Html {
  return html`<p class="nothing">${cookieSent ? inside.deadCookie(cookie.name) : inside.noCookie}</p>`
}

function noRow({ words: { inside } }: View): Html {
  return html`<p class="nothing">${inside.noRecord}</p>
<p class="muted">${inside.noRecordNote}</p>
<p><a href="/">${inside.toHome}</a></p>`
}

function actions({ words: { inside } }: View): Html {
  return html`<section class="actions">
<form method="post" action="/inside/rotate"><button>${inside.rotate}</button><p class="muted">${inside.rotateNote}</p></form>
<form method="post" action="/inside/end"><button class="danger">${inside.end}</button><p class="muted">${inside.endNote}</p></form>
</section>`
}
