import { CookieJar } from '../../src/testing/cookie-jar.ts'

interface Form {
  readonly button: string
  readonly action: string
  readonly multipart: boolean
  readonly fields: Readonly<Record<string, string>>
}

/** A browser without JavaScript: keeps cookies, shows the text of a page, fills in its forms and follows redirects. */
export class FormBrowser {
  readonly #site: string
  readonly #jar: CookieJar
  #url = '/'
  #html = ''
  status = 0

  constructor(site: string) {
    this.#site = site
    this.#jar = new CookieJar({ fetch: (url, init) => fetch(new URL(url, site), init) })
  }

  /** What a person reads: no tags, no comments, and one space for any number of them. */
  get text(): string {
    const body = this.#html.replace(/<(script|style|title)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, '')
    return unescaped(body.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).trim()
  }

  /** The value of the cookie that leads to the session. */
  get token(): string {
    return this.#jar.get('__Host-session') ?? this.#jar.get('session') ?? ''
  }

  get port(): number {
    return Number(new URL(this.#site).port)
  }

  /** What it sends in the header `Cookie`. */
  get cookies(): string {
    return this.#jar.header('/')
  }

  /** A browser with the same cookies as this one has now: a thief's, or this one when the site is at another port. */
  copy(site: string = this.#site): FormBrowser {
    const copy = new FormBrowser(site)
    const headers = this.cookies.split('; ').map((pair): [string, string] => ['Set-Cookie', `${pair}; Path=/`])
    copy.#jar.store('/', new Response(null, { headers }))
    return copy
  }

  open(path: string): Promise<void> {
    return this.#go(path, {})
  }

  has(button: string): boolean {
    return this.#forms().some(form => form.button === button)
  }

  /** Presses the button with this text, with its form's fields filled in. */
  async press(button: string, values: Record<string, string> = {}): Promise<void> {
    const form = this.#forms().find(found => found.button === button)
    if (!form) throw new Error(`no form with the button ${button} on ${this.#url}: ${this.#html}`)
    const unknown = Object.keys(values).find(name => !(name in form.fields))
    if (unknown) throw new Error(`no field ${unknown} beside the button ${button}: ${this.#html}`)
    const pairs = Object.entries({ ...form.fields, ...values })
    const body = form.multipart ? new FormData() : new URLSearchParams()
    for (const [name, value] of pairs) body.append(name, value)
    // Browsers say of each form where its page was from; some frameworks refuse those that do not.
    const headers = { Origin: new URL(this.#site).origin, 'Sec-Fetch-Site': 'same-origin' }
    await this.#go(form.action, { method: 'POST', body, headers })
  }

  async #go(path: string, init: RequestInit): Promise<void> {
    // As browsers do, it says that it wants a page.
    const headers = { Accept: 'text/html', ...init.headers }
    const response = await this.#jar.fetch(path, { ...init, headers })
    const target = response.headers.get('Location')
    if (response.status >= 300 && response.status < 400 && target) {
      await response.body?.cancel()
      return this.#go(this.#pathOf(target, path), {})
    }
    this.#url = path
    this.#html = await response.text()
    this.status = response.status
  }

  #pathOf(target: string, from: string): string {
    const { pathname, search } = new URL(target, new URL(from, this.#site))
    return pathname + search
  }

  #forms(): Form[] {
    return [...this.#html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag = '', inside = '']) => {
      const button = /<button\b[^>]*>([\s\S]*?)<\/button>/.exec(inside)?.[1] ?? ''
      const inputs = [...inside.matchAll(/<(?:input|button)\b([^>]*)>/g)].map(([, attributes = '']) => attributes)
      const named = inputs.flatMap(input => {
        const name = attribute(input, 'name')
        return name ? [[name, attribute(input, 'value') ?? ''] as const] : []
      })
      return {
        button: unescaped(button.replace(/<[^>]*>/g, '')).trim(),
        action: this.#pathOf(attribute(tag, 'action') || this.#url, this.#url),
        multipart: attribute(tag, 'enctype')?.toLowerCase() === 'multipart/form-data',
        fields: Object.fromEntries(named),
      }
    })
  }
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag)
  return found ? unescaped(found[1] ?? found[2] ?? found[3] ?? '') : undefined
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', apos: "'" }

function unescaped(html: string): string {
  return html.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return entities[name] ?? whole
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
  })
}
