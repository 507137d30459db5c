import { de } from './de.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'

/** All texts of the site. English decides which there are; the compiler finds what another language lacks. */
export type Words = typeof en

export const words = { en, de, fr } satisfies Record<string, Words>

export type Language = keyof typeof words

export const languages = Object.keys(words) as Language[]

/** Which notice, and about which product. Not its text: the language may change before it is read. */
export interface Notice {
  readonly about: keyof Words['notices']
  readonly product?: keyof Words['products']
}

/** Dates, times and money as they are written in a language. Times are UTC: the server does not know the visitor's clock. */
export function formatsOf(locale: string): { price(cents: number): string; time(date: Date): string } {
  const money = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' })
  const time = new Intl.DateTimeFormat(locale, {
    ...{ day: 'numeric', month: 'long', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'UTC', timeZoneName: 'short' },
  })
  return { price: cents => money.format(cents / 100), time: date => time.format(date) }
}
