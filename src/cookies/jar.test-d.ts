import { describe, expectTypeOf, it } from 'vitest'
import { cookies, type Jar, type KeyedJar, type KeyRing } from './index.ts'

declare const request: Request
declare const keys: KeyRing

describe('the type of a jar', () => {
  it('has signed and sealed cookies with keys, and does not have them without', () => {
    expectTypeOf(cookies(request)).toEqualTypeOf<Jar>()
    expectTypeOf(cookies(request)).not.toHaveProperty('getSigned')
    expectTypeOf(cookies(request)).not.toHaveProperty('setSealed')
    expectTypeOf(cookies(request, keys)).toEqualTypeOf<KeyedJar>()
    expectTypeOf(cookies(request, keys).getSealed('a')).toEqualTypeOf<string | undefined>()
  })

  it('knows the attributes, and that a deletion has no end', () => {
    const jar = cookies(request)
    jar.set('a', '1', { maxAge: 60, sameSite: 'none', priority: 'high', partitioned: true })
    // @ts-expect-error: misspelt
    jar.set('a', '1', { httponly: true })
    // @ts-expect-error: not one of the three
    jar.set('a', '1', { sameSite: 'Lax' })
    // @ts-expect-error: text only
    jar.set('a', 1)
    // @ts-expect-error: deleting needs no maxAge
    jar.delete('a', { maxAge: 0 })
  })
})
