import { expect, it } from 'vitest'
import { KeepsakeError } from '../errors.ts'
import { Turns } from './turns.ts'

it('tasks with one key run one after another, in the order in which they came, also after one that failed', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const task = (name: string, fails = false) =>
    turns.run('session', async () => {
      seen.push(`${name} begins`)
      await new Promise(resolve => setImmediate(resolve))
      seen.push(`${name} ends`)
      if (fails) throw new Error(name)
    })
  const results = await Promise.allSettled([task('first'), task('second', true), task('third')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(seen).toEqual(['first', 'second', 'third'].flatMap(name => [`${name} begins`, `${name} ends`]))
})

it('tasks with different keys do not wait for each other', async () => {
  const turns = new Turns()
  const never = turns.run('one', () => new Promise(() => {}))
  expect(await Promise.race([never, turns.run('other', async () => undefined)])).toBeUndefined()
})

it('a task that is done at once is not waited for, and waits for those before it', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const atOnce = (name: string) =>
    turns.run('session', async done => {
      seen.push(name)
      done()
    })
  expect(atOnce('first')).toBeUndefined()
  const second = turns.run('session', async () => {
    await new Promise(resolve => setImmediate(resolve))
    seen.push('second')
  })
  const third = atOnce('third')
  expect(seen).toEqual(['first'])
  await Promise.all([second, third])
  expect(seen).toEqual(['first', 'second', 'third'])
  expect(atOnce('fourth')).toBeUndefined()
})

it('behind a store that hangs, all who wait give up with the first, and do not hang in turn', async () => {
  const turns = new Turns()
  let tries = 0
  const hang = async () => {
    tries++
    await new Promise(resolve => setImmediate(resolve))
    throw new KeepsakeError('STORE_TIMEOUT')
  }
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => turns.run('session', hang)))
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(50)
  expect(tries).toBe(1)
  await turns.run('session', async () => void tries++)
  expect(tries).toBe(2)
})
