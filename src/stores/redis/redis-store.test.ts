import { describe, expect, it } from 'vitest'
import { newRecord } from '../../testing/store-contract/samples.ts'
import { redisStore } from './redis-store.ts'

const never = (): Promise<never> => new Promise(() => undefined)

describe('redisStore', () => {
  it.each([
    ['nothing', undefined],
    ['an address', 'redis://localhost'],
    ['the options of a client', { socket: { host: 'localhost' } }],
  ])('refuses %s', (_, client) => {
    expect(() => redisStore(client as never)).toThrow(/OPTION_INVALID.*no client that it knows/)
  })

  it('refuses a Cluster of ioredis that reads from replicas, which learn late of a logout', () => {
    const client = { call: never, isCluster: true, options: { scaleReads: 'slave' } }
    expect(() => redisStore(client)).toThrow(/OPTION_INVALID.*scaleReads: 'master'/)
    expect(() => redisStore({ ...client, options: { scaleReads: 'master' } })).not.toThrow()
  })

  it('asks the primary, of a cluster and behind a Sentinel', async () => {
    const asked: unknown[] = []
    const sendCommand = async (...args: unknown[]): Promise<null> => {
      asked.push(args)
      return null
    }
    const quiet = { onWarning: () => undefined }
    await redisStore({ sendCommand, getRandomNode: () => undefined }, quiet).read('one')
    await redisStore({ sendCommand, getSentinelNode: () => undefined }, quiet).read('two')
    await redisStore({ sendCommand }, quiet).read('three')
    expect(asked.filter(args => JSON.stringify(args).includes('GET'))).toEqual([
      ['keepsake:session:one', false, ['GET', 'keepsake:session:one']],
      [false, ['GET', 'keepsake:session:two']],
      [['GET', 'keepsake:session:three']],
    ])
  })

  it('reads once more when a connection breaks under it, and then gives up', async () => {
    let reads = 0
    const sendCommand = async (): Promise<never> => {
      throw new Error(`broken ${++reads}`)
    }
    await expect(redisStore({ sendCommand }).read('id')).rejects.toThrow('broken 2')
  })

  it('refuses a record that never ends by itself, and sends nothing: among others it would spoil the command of all', async () => {
    const sent: unknown[] = []
    const sendCommand = async (command: unknown): Promise<number> => sent.push(command)
    const record = newRecord({ expiresAt: new Date(Number.NaN) })
    await expect(redisStore({ sendCommand }).create('id', record)).rejects.toThrow('Invalid Date')
    expect(sent).toEqual([])
  })
})
