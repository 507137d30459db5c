import { describe, expect, it } from 'vitest'
import { type MemcachedClient, memcachedStore } from './memcached.ts'

/** What a MemcacheClient looks like before it connects. */
const client = {
  options: { server: 'localhost:11211' },
  gets: async () => undefined,
  add: async () => undefined,
  replace: async () => undefined,
  cas: async () => undefined,
  delete: async () => undefined,
  cmd: async () => undefined,
} satisfies MemcachedClient

describe('memcachedStore', () => {
  it('takes a client of memcache-client, and connects to nothing by itself', () => {
    expect(() => memcachedStore(client)).not.toThrow()
  })

  it.each([
    ['nothing', undefined],
    ['an address', 'localhost:11211'],
    ['a client that has no cmd, such as a Memcache of the package memcache', { ...client, cmd: undefined }],
    ['a client that has no gets, such as a Client of memjs', { ...client, gets: undefined }],
  ])('refuses %s', (_, other) => {
    expect(() => memcachedStore(other as never)).toThrow(
      /OPTION_INVALID.*no MemcacheClient of the package memcache-client/,
    )
  })

  it('refuses a client of several servers, which would ask any one of them', () => {
    const options = { server: { servers: [{ server: 'a:11211' }, { server: 'b:11211' }] } }
    expect(() => memcachedStore({ ...client, options })).toThrow(/give it one server/)
  })

  it.each(['with blank ', 'line\r\nbreak', 'ü', 'x'.repeat(201)])('refuses the prefix %j', prefix => {
    expect(() => memcachedStore(client, { prefix })).toThrow(/OPTION_INVALID.*prefix/)
  })
})
