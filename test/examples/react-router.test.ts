import { expect, it } from 'vitest'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { describeExample } from './describe-example.ts'

describeExample('react-router', {}, server => {
  it('what a browser with JavaScript asks for has the same session as the page', async () => {
    const jar = new CookieJar()
    await jar.fetch(server().origin)
    const data = await jar.fetch(`${server().origin}/_.data`)
    expect(await data.text()).toMatch(/"visits",2\b/)
    const headers = { Origin: server().origin }
    const body = new URLSearchParams({ username: 'ada' })
    const login = await jar.fetch(`${server().origin}/login.data`, { method: 'POST', body, headers })
    expect(login.headers.getSetCookie()).toHaveLength(1)
    expect(await (await jar.fetch(server().origin)).text()).toMatch(/Hello, <!-- -->ada/)
  })
})
