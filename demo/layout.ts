import type { Request } from 'express'
import type { User } from 'keepsake/auth'
import { type Html, html } from './html.ts'
import { countOf } from './products.ts'
import type { Site, Theme, VisitorSession } from './sessions.ts'
import { formatsOf, type Language, languages, type Notice, type Words, words } from './words/words.ts'

/** What every page knows of its visitor. */
export interface View {
  readonly path: string
  readonly language: Language
  readonly words: Words
  readonly format: ReturnType<typeof formatsOf>
  readonly theme: Theme
  readonly itemsInCart: number
  /** Who is logged in. */
  readonly user: User | null
  readonly notices: readonly Notice[]
}

/** The visitor's view. Nothing is stored by asking. Notices are taken: they show once. */
export async function viewOf({ sessions, auth }: Site, req: Request): Promise<View> {
  const user = await auth.user(req)
  return view(req, await sessions.of(req), user)
}

/** The view of somebody of whom nothing is known. */
export function strangersView(req: Request): View {
  return view(req, null, null)
}

function view(req: Request, session: VisitorSession | null, user: User | null): View {
  const language = session?.get('language') ?? languageOf(req)
  return {
    path: req.path,
    language,
    words: words[language],
    format: formatsOf(words[language].locale),
    theme: session?.get('theme') ?? 'system',
    itemsInCart: countOf(session?.get('cart') ?? {}),
    user,
    notices: session?.take('notices') ?? [],
  }
}

function languageOf(req: Request): Language {
  req.res?.vary('Accept-Language')
  const preferred = req.acceptsLanguages(...languages)
  return languages.find(language => language === preferred) ?? 'en'
}

/** A whole page. */
export function layout(view: View, title: string, main: Html): string {
  const { words, language, theme } = view
  return html`<!doctype html>
<html lang="${language}" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Keepsake</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header>
<a class="brand" href="/">Keepsake</a>
${navigation(view)}
</header>
<main id="main">
${notices(view)}
${main}
</main>
<footer><p>${words.footer}</p></footer>
</body>
</html>
`.text
}

function navigation({ words: { nav, inCart }, path, itemsInCart, user }: View): Html {
  const current = (href: string): Html | false => href === path && html` aria-current="page"`
  const count =
    itemsInCart > 0 &&
    html` <b class="badge" aria-hidden="true">${itemsInCart}</b><span class="unseen">(${inCart(itemsInCart)})</span>`
  return html`<nav aria-label="${nav.label}">
<a href="/"${current('/')}>${nav.home}</a>
<a href="/cart"${current('/cart')}>${nav.cart}${count}</a>
<a href="/preferences"${current('/preferences')}>${nav.preferences}</a>
<a href="/inside"${current('/inside')}>${nav.inside}</a>
${
  user
    ? html`<a class="who" href="/account"${current('/account')}><span class="unseen">${nav.account}: </span>${user.username}</a>`
    : html`<a class="who" href="/login"${current('/login')}>${nav.login}</a>`
}
</nav>`
}

function notices({ notices, words }: View): Html[] {
  return notices.map(({ about, product }) => {
    const name = product ? words.products[product] : ''
    return html`<p class="notice" role="status">${words.notices[about](name)}</p>`
  })
}
