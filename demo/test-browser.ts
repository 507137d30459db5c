/** A page as a visitor gets it. */
export interface Page {
  readonly status: number
  readonly text: string
  readonly setCookie: string | undefined
}

/** A browser that knows one site: keeps its cookies, follows redirects, sends forms. */
export class TestBrowser {
  readonly cookies: Map<string, string> = new Map()
  readonly headers: Record<string, string>

  constructor(headers: Record<string, string> = {}) {
    // What every browser says of itself: that it wants pages, and that its forms are the site's own.
    this.headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin', ...headers }
  }

  get token(): string {
    return this.cookies.get('session') ?? ''
  }

  visit(url: string): Promise<Page> {
    return this.#request(url, {})
  }

  /** Sends a form, and gives the page that it leads to. */
  submit(url: string, fields: Record<string, string> = {}): Promise<Page> {
    return this.#request(url, { method: 'POST', body: new URLSearchParams(fields) })
  }

  async #request(url: string, init: RequestInit): Promise<Page> {
    const cookie = Array.from(this.cookies, pair => pair.join('=')).join('; ')
    const headers = { ...this.headers, ...(cookie && { cookie }) }
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    const lines = response.headers.getSetCookie()
    for (const line of lines) this.#keep(line)
    const setCookie = lines.find(line => line.startsWith('session='))
    if (response.status === 303) return this.visit(new URL(response.headers.get('location') ?? '', url).href)
    return { status: response.status, text: await response.text(), setCookie }
  }

  #keep(setCookie: string): void {
    const [pair = ''] = setCookie.split(';')
    const [name = '', value = ''] = pair.split('=')
    if (value === '' || setCookie.includes('Max-Age=0')) this.cookies.delete(name)
    else this.cookies.set(name, value)
  }
}
