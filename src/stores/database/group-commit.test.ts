import { expect, it } from 'vitest'
import { groupCommit, type Transactions } from './group-commit.ts'

const refusal = new Error('constraint failed')
const locked = new Error('database is locked')

/** A database on which a commit of several writes is refused. */
function refusing(): Transactions {
  let isOpen = false
  return {
    isOpen: () => isOpen,
    begin: () => {
      isOpen = true
    },
    commit: () => {
      throw refusal
    },
    rollback: () => {
      isOpen = false
    },
    isRefusal: error => error === refusal,
  }
}

it('writes that are made one by one do not all wait for the lock that one of them waited for', async () => {
  const transactions = refusing()
  const write = groupCommit<string>(transactions)
  const alone: string[] = []
  const writeOf = (name: string, error?: Error) =>
    write({
      run: () => {
        if (transactions.isOpen()) return name
        alone.push(name)
        if (error) throw error
        return name
      },
      wait: () => Promise.reject(new Error('nobody else has a transaction')),
    })
  const outcomes = await Promise.allSettled([
    writeOf('refused', refusal),
    writeOf('saved'),
    writeOf('locked out', locked),
    writeOf('not tried'),
  ])
  expect(outcomes.map(outcome => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason))).toEqual([
    refusal,
    'saved',
    locked,
    locked,
  ])
  expect(alone).toEqual(['refused', 'saved', 'locked out'])
})
