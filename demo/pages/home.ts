import { Router } from 'express'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'

/** The home page counts visits: a newcomer's session begins here. */
export function homePage(site: Site): Router {
  const page = Router()

  page.get('/', async (req, res) => {
    // First who it is: a session that is over by now would else count this visit.
    const view = await viewOf(site, req)
    const session = await site.sessions.of(req)
    const visits = session.update('visits', (n = 0) => n + 1)
    res.send(layout(view, view.words.home.title, main(view, visits)))
  })

  return page
}

function main({ words: { home, nav }, user }: View, visits: number): Html {
  return html`<section class="hero">
<h1>${home.heading}</h1>
<p class="lead">${home.intro}</p>
</section>
<div class="pair">
<section class="card count">
<h2 class="kicker">${home.counted}</h2>
<p class="figure">${home.visit(visits)}</p>
<p class="muted">${home.visitNote}</p>
</section>
<section class="card">
<h2 class="kicker">${home.who}</h2>
<p class="figure">${user ? user.username : home.nobody}</p>
<p class="muted">${user ? home.userNote : home.nobodyNote}</p>
<p class="ways">${
    user
      ? html`<a href="/account">${nav.account}</a>`
      : html`<a href="/sign-up">${nav.signUp}</a> <a href="/login">${nav.login}</a>`
  }</p>
</section>
</div>
<h2>${home.look}</h2>
<ul class="links">
${link('/cart', nav.cart, home.cart)}
${link('/preferences', nav.preferences, home.preferences)}
${link('/inside', nav.inside, home.inside)}
${link('/account', nav.account, home.account)}
</ul>`
}

function link(href: string, name: string, text: string): Html {
  return html`<li><a class="card" href="${href}"><strong>${name}</strong><span class="muted">${text}</span></a></li>`
}
