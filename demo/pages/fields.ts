import { type Html, html } from '../html.ts'
import type { View } from '../layout.ts'

/** What is wrong with a value, as Keepsake says it. */
export interface Problem {
  readonly field: string
  readonly code: string
}

/** A field of a form: its label, and what was wrong with it the last time. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly autocomplete: string
  readonly value?: string
  readonly hint?: string
  readonly optional?: boolean
}

export function field(view: View, { name, label, hint, ...field }: Field, problems: readonly Problem[] = []): Html {
  const wrong = problems.filter(problem => problem.field === name).map(problem => problemText(view, problem))
  const about = `${name}-about`
  const described = (hint || wrong.length > 0) && html` aria-describedby="${about}"`
  return html`<p class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${field.type ?? 'text'}" value="${field.value}" autocomplete="${field.autocomplete}"
 autocapitalize="none" spellcheck="false"${!field.optional && html` required`}${wrong.length > 0 && html` aria-invalid="true"`}${described}>
${described && html`<span id="${about}">${wrong.length > 0 ? html`<b class="wrong">${wrong.join(' ')}</b>` : html`<span class="muted">${hint}</span>`}</span>`}
</p>`
}

/** The text of a problem in the visitor's language, by its field and code. */
function problemText({ words: { problems } }: View, { field, code }: Problem): string {
  const texts: Readonly<Record<string, string>> = problems
  return texts[`${field} ${code}`] ?? texts[code] ?? problems.other
}
