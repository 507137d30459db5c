import { memoryStore } from '../../stores/memory.ts'
import type { SessionRecord, SessionStore, StoredRecord } from '../../stores/store.ts'
import { Gate } from './gate.ts'

type Call = keyof SessionStore

/** A store in memory that counts its calls, and waits, fails or hangs when a story wants it to. */
export class StoryStore implements SessionStore {
  readonly #records = memoryStore()
  #before: (call: Call) => Promise<void> = async () => undefined
  /** The calls so far, in their order. */
  readonly calls: Call[] = []

  /** From now on, these calls fail. */
  breakDown(...calls: readonly Call[]): void {
    this.#on(calls, () => Promise.reject(new Error('the store is down')))
  }

  /** From now on, these calls never end. */
  hang(...calls: readonly Call[]): void {
    this.#on(calls, () => new Promise(() => undefined))
  }

  /** From now on, these calls wait at a gate. */
  holdBack(...calls: readonly Call[]): Gate {
    const gate = new Gate()
    this.#on(calls, () => gate.pass())
    return gate
  }

  repair(): void {
    this.#before = async () => undefined
  }

  read(id: string): Promise<StoredRecord | null> {
    return this.#call('read', () => this.#records.read(id))
  }

  create(id: string, record: SessionRecord): Promise<boolean> {
    return this.#call('create', () => this.#records.create(id, record))
  }

  replace(was: { id: string; version: string }, id: string, record: SessionRecord): Promise<boolean> {
    return this.#call('replace', () => this.#records.replace(was, id, record))
  }

  delete(id: string): Promise<void> {
    return this.#call('delete', () => this.#records.delete(id))
  }

  async #call<T>(call: Call, run: () => Promise<T>): Promise<T> {
    this.calls.push(call)
    await this.#before(call)
    return run()
  }

  #on(calls: readonly Call[], before: () => Promise<void>): void {
    this.#before = async call => (calls.includes(call) ? before() : undefined)
  }
}
