import { expect, it } from 'vitest'
import { HashQueue } from './hash-queue.ts'

it('runs so many at once, the others in the order in which they came, also after one that failed', async () => {
  const queue = new HashQueue(2, 10)
  const began: number[] = []
  let running = 0
  const task = async (number: number): Promise<number> => {
    began.push(number)
    running++
    expect(running).toBeLessThanOrEqual(2)
    await new Promise(resolve => setImmediate(resolve))
    running--
    if (number === 1) throw new Error('one')
    return number
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map(number => queue.run(() => task(number))))
  expect(began).toEqual([0, 1, 2, 3, 4])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', ...Array(3).fill('fulfilled')])
  expect(await queue.run(() => task(5))).toBe(5)
})

it('a newcomer neither overtakes who waits nor runs beside it', async () => {
  const queue = new HashQueue(1, 10)
  const seen: string[] = []
  const task = (name: string) => async (): Promise<void> => {
    seen.push(`${name} begins`)
    await new Promise(resolve => setImmediate(resolve))
    seen.push(`${name} ends`)
  }
  const first = queue.run(task('first'))
  const second = queue.run(task('second'))
  await first
  await Promise.all([second, queue.run(task('newcomer'))])
  expect(seen).toEqual(['first', 'second', 'newcomer'].flatMap(name => [`${name} begins`, `${name} ends`]))
})

it('with no place to wait, refuses whoever finds it busy', async () => {
  const queue = new HashQueue(1, 0)
  const first = queue.run(async () => 'done')
  await expect(queue.run(async () => 'never')).rejects.toMatchObject({ code: 'PASSWORDS_BUSY', status: 503 })
  expect(await first).toBe('done')
})
