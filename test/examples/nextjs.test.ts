import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { CookieJar } from '../../src/testing/cookie-jar.ts'
import { describeExample } from './describe-example.ts'

// A page of Next can only read. What nobody catches is answered with 500 there, whatever the error says.
describeExample('nextjs', { counter: '/count', readOnlyPage: '/', unsaved: 500 }, server => {
  it('a page that can only read renews the session, by the proxy before it', async () => {
    const { origin, database: file } = server()
    const jar = new CookieJar()
    await jar.fetch(`${origin}/count`)
    using database = new DatabaseSync(file)
    const threeDays = 3 * 86_400_000
    database.exec(`UPDATE session SET expires_at = expires_at - ${threeDays},
      payload = json_set(payload, '$.m.seen', payload ->> '$.m.seen' - ${threeDays})`)
    expect((await jar.fetch(origin)).headers.getSetCookie()).toHaveLength(1)
    expect((await jar.fetch(origin)).headers.getSetCookie()).toHaveLength(0)
  })
})
