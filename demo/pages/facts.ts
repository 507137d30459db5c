import { type Content, type Html, html } from '../html.ts'

/** A name and the value that this visitor has for it. */
export type Fact = readonly [name: string, value: Content]

export function facts(list: readonly Fact[]): Html {
  return html`<dl class="facts">${list.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** A payload with its lines and colours; one that is no JSON, as it is. */
export function pretty(payload: string): Html {
  return html`<pre tabindex="0">${indented(payload)
    .split(/("(?:[^"\\]|\\.)*")/)
    .map(coloured)}</pre>`
}

function indented(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2)
  } catch {
    return payload
  }
}

/** Of what was split by its strings, every second part is one; those that a colon follows are keys. */
function coloured(text: string, i: number, parts: readonly string[]): Content {
  if (i % 2 === 0) return text
  return parts[i + 1]?.startsWith(':') ? html`<b>${text}</b>` : html`<i>${text}</i>`
}
