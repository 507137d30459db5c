/** A piece of a page, safe to put into another one. Made by `html` only. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What can stand in a page: text is escaped, pieces are not, and what is false or missing leaves nothing. */
export type Content = Html | string | number | false | null | undefined | readonly Content[]

/**
 * A piece of a page. Whatever is put into it is escaped, unless `html` made it too: so nobody can forget to.
 *
 * @example
 * html`<p title="${name}">${items.map(item => html`<b>${item}</b>`)}</p>`
 */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(String.raw({ raw: parts }, ...contents.map(toText)))
}

function toText(content: Content): string {
  if (content instanceof Html) return content.text
  if (Array.isArray(content)) return content.map(toText).join('')
  if (content === false || content === null || content === undefined) return ''
  return String(content).replace(/[&<>"']/g, char => `&#${char.charCodeAt(0)};`)
}
