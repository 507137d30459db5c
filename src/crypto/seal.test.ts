import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { keyRing } from './key-ring.ts'
import { sealer } from './seal.ts'
import { SeriesKeys } from './series-keys.ts'

const secret = randomBytes(32).toString('base64url')
const head = (value: string): string => value.slice(0, 29)
const nonce = (value: string): string => value.slice(29, 45)

describe('a sealed value', () => {
  it('shows nothing of its text but the length', () => {
    const { seal } = sealer(keyRing(secret), 'p', 'n')
    const text = JSON.stringify({ user: 'alice', role: 'admin' })
    const bytes = Buffer.from(seal(text).replaceAll('.', ''), 'base64url').toString('latin1')
    for (const word of ['user', 'alice', 'role', 'admin']) expect(bytes).not.toContain(word)
    expect(seal(text)).toHaveLength(29 + Math.ceil(((12 + text.length + 16) * 4) / 3))
  })

  it('of the same text is another each time: no nonce repeats under a key (ASVS 11.3.4)', () => {
    const { seal } = sealer(keyRing(secret), 'p', 'n')
    const nonces = new Set(Array.from({ length: 20_000 }, () => nonce(seal('the same'))))
    expect(nonces.size).toBe(20_000)
  })

  it('belongs to a series of its process, so that processes of one secret never share a key', () => {
    const processes = Array.from({ length: 50 }, () => sealer(keyRing(secret), 'p', 'n'))
    const heads = processes.map(({ seal }) => [head(seal('a')), head(seal('b'))])
    expect(heads.filter(([a, b]) => a !== b)).toEqual([])
    expect(new Set(heads.flat()).size).toBe(50)
  })

  it('opens in a process that has seen thousands of other series since', () => {
    const reader = sealer(keyRing(secret), 'p', 'n')
    const values = Array.from({ length: 3000 }, (_, i) => sealer(keyRing(secret), 'p', 'n').seal(`${i}`))
    for (const round of [0, 1]) {
      expect([round, values.filter((value, i) => reader.open(value)?.text !== `${i}`)]).toEqual([round, []])
    }
  })
})

describe('a series', () => {
  it('ends after 2^22 values, and another begins under another key', () => {
    const keys = new SeriesKeys(keyRing(secret), 'p', 'n')
    const first = keys.next(randomBytes)
    for (let i = 1; i < 2 ** 22; i++) keys.next(randomBytes)
    const second = keys.next(randomBytes)
    expect(second.head).not.toBe(first.head)
    expect(second.key.equals(first.key)).toBe(false)
    expect(keys.next(randomBytes)).toBe(second)
  })

  it('that nobody was seen to seal in is not remembered, so made-up ones push nothing out', () => {
    const keys = new SeriesKeys(keyRing(secret), 'p', 'n')
    const { head: known } = keys.next(randomBytes)
    const remembered = keys.find(known)
    const madeUp = Array.from({ length: 2000 }, () => `${known.slice(0, 12) + randomBytes(12).toString('base64url')}.`)
    for (const other of madeUp) expect(keys.find(other)).not.toBe(keys.find(other))
    expect(keys.find(known)).toBe(remembered)
  })

  it('is forgotten when a thousand newer ones are remembered, so memory has an end', () => {
    const keys = new SeriesKeys(keyRing(secret), 'p', 'n')
    const { head: oldest } = keys.next(randomBytes)
    const remembered = keys.find(oldest)
    for (let i = 0; i < 1000; i++) {
      const series = keys.find(`${oldest.slice(0, 12) + randomBytes(12).toString('base64url')}.`)
      if (series) keys.remember(series)
    }
    expect(keys.find(oldest)).not.toBe(remembered)
    expect(keys.find(oldest)?.head).toBe(oldest)
  })
})
