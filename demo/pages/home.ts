import { Router } from 'express'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import type { Site } from '../sessions.ts'

/** The home page counts visits: a newcomer's session begins here. */
export function homePage({ sessions }: Site): Router {
  const page = Router()

  page.get('/', async (req, res) => {
    const session = await sessions.of(req)
    const visits = session.update('visits', (n = 0) => n + 1)
    const view = viewOf(req, session)
    res.send(layout(view, view.words.home.title, main(view, visits)))
  })

  return page
}

function main({ words: { home, nav } }: View, visits: number): Html {
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
<p class="figure">${home.nobody}</p>
<p class="muted">${home.nobodyNote}</p>
</section>
</div>
<h2>${home.look}</h2>
<ul class="links">
${link('/cart', nav.cart, home.cart)}
${link('/preferences', nav.preferences, home.preferences)}
${link('/inside', nav.inside, home.inside)}
</ul>`
}

function link(href: string, name: string, text: string): Html {
  return html`<li><a class="card" href="${href}"><strong>${name}</strong><span class="muted">${text}</span></a></li>`
}
