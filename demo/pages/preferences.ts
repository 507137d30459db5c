import { Router } from 'express'
import { refusal } from '../guard.ts'
import { type Html, html } from '../html.ts'
import { layout, type View, viewOf } from '../layout.ts'
import { type Site, themes } from '../sessions.ts'
import { languages, words } from '../words/words.ts'

/** Theme and language. They are only kept once chosen: until then the browser's own wishes hold. */
export function preferencesPage(site: Site): Router {
  const page = Router()

  page.get('/preferences', async (req, res) => {
    const view = await viewOf(site, req)
    res.send(layout(view, view.words.preferences.title, main(view)))
  })

  page.post('/preferences', async (req, res) => {
    const theme = themes.find(theme => theme === req.body?.theme)
    const language = languages.find(language => language === req.body?.language)
    if (!theme || !language) throw refusal(400, 'the form names no theme or language of this site')
    const session = await site.sessions.of(req)
    session.assign({ theme, language })
    session.flash('notices', { about: 'saved' })
    res.redirect(303, '/preferences')
  })

  return page
}

function main(view: View): Html {
  const { preferences } = view.words
  return html`<h1>${preferences.heading}</h1>
<p class="lead">${preferences.intro}</p>
<form method="post" action="/preferences" class="preferences">
<fieldset class="card">
<legend>${preferences.theme}</legend>
${themes.map(theme => choice('theme', theme, theme === view.theme, html`<span>${preferences.themes[theme]}</span>`))}
</fieldset>
<fieldset class="card">
<legend>${preferences.language}</legend>
${languages.map(language => {
  const name = html`<span lang="${language}">${words[language].language}</span>`
  return choice('language', language, language === view.language, name)
})}
</fieldset>
<button>${preferences.save}</button>
</form>`
}

function choice(name: string, value: string, chosen: boolean, label: Html): Html {
  return html`<label class="choice"><input type="radio" name="${name}" value="${value}"${chosen && html` checked`}>${label}</label>`
}
