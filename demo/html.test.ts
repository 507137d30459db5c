import { expect, it } from 'vitest'
import { html } from './html.ts'

it('escapes text, in an attribute too, and leaves its own pieces alone', () => {
  const name = `<b title="x">&'`
  expect(html`<p title="${name}">${html`<i>${name}</i>`}</p>`.text).toBe(
    '<p title="&#60;b title=&#34;x&#34;&#62;&#38;&#39;"><i>&#60;b title=&#34;x&#34;&#62;&#38;&#39;</i></p>',
  )
})

it('joins lists, and leaves out what is missing, but not zero', () => {
  expect(html`${[1, html`<br>`, 'a']}${false}${null}${undefined}${0}`.text).toBe('1<br>a0')
})
