import { type Html, html } from '../html.ts'
import type { ProductId } from '../products.ts'

/** One drawing a product, in the colours of the style sheet: a is the accent, b paper, c and e lines, d sand, f blue. */
const drawings: Record<ProductId, Html> = {
  notebook: html`<rect class="f" x="26" y="16" width="46" height="64" rx="4"/><path class="c" d="M35 16v64"/><rect class="b" x="43" y="28" width="20" height="12" rx="1.5"/>`,
  pencils: html`<path class="a" d="M27 34l6-14 6 14v46H27z"/><path class="d" d="M42 34l6-14 6 14v46H42z"/><path class="a" d="M57 34l6-14 6 14v46H57z"/><path class="b" d="M27 34l6-14 6 14zm15 0l6-14 6 14zm15 0l6-14 6 14z"/><path class="c" d="M27 72h12m3 0h12m3 0h12"/>`,
  mug: html`<path class="e" d="M64 40h6a10 10 0 0 1 0 24h-6"/><path class="a" d="M24 30h42v38a10 10 0 0 1-10 10H34a10 10 0 0 1-10-10z"/><path class="d" d="M24 30h42v14H24z"/><path class="c" d="M38 22c-3-4 3-5 0-9m12 9c-3-4 3-5 0-9"/>`,
  bag: html`<path class="e" d="M36 42V28a12 12 0 0 1 24 0v14"/><path class="d" d="M24 36h48l4 44H20z"/><path class="c" d="M31 36l-2 44m38-44l2 44"/><circle class="a" cx="48" cy="60" r="7"/>`,
  candle: html`<path class="d" d="M48 12c7 8 8 12 8 15a8 8 0 0 1-16 0c0-3 1-7 8-15z"/><path class="c" d="M48 32v10"/><rect class="b" x="34" y="42" width="28" height="34" rx="3"/><path class="c" d="M34 52c8 5 10-4 15 0s7 3 13 0"/><rect class="e" x="26" y="77" width="44" height="3" rx="1.5"/>`,
  cards: html`<rect class="d" x="18" y="24" width="50" height="36" rx="3"/><rect class="b" x="26" y="36" width="54" height="38" rx="3"/><path class="c" d="M53 42v26M59 56h14M59 62h14"/><rect class="a" x="64" y="42" width="9" height="9" rx="1"/>`,
}

export function picture(id: ProductId): Html {
  return html`<svg class="picture" viewBox="0 0 96 96" aria-hidden="true">${drawings[id]}</svg>`
}
