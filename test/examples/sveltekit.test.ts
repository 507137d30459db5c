import { expect, it } from 'vitest'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { describeExample } from './describe-example.ts'

describeExample('sveltekit', {}, server => {
  it('what a browser with JavaScript asks for has the same session as the page', async () => {
    const jar = new CookieJar()
    await jar.fetch(server().origin)
    const data = await jar.fetch(`${server().origin}/__data.json`)
    expect(await data.text()).toContain('[{"visits":1,"cart":2,"name":3},2,[],null]')
    const headers = { Origin: server().origin, Accept: 'application/json', 'X-SvelteKit-Action': 'true' }
    const body = new URLSearchParams({ username: 'ada' })
    const login = await jar.fetch(`${server().origin}/?/login`, { method: 'POST', body, headers })
    expect(login.headers.getSetCookie()).toHaveLength(1)
    expect(await (await jar.fetch(server().origin)).text()).toContain('Hello, ada')
  })
})
