import type { SessionStore } from '../../src/stores/store.ts'

/** What can be done to a store from outside: see its calls, and break it. */
export interface Watched<Store> {
  readonly store: Store
  /** The calls since the last `calls.length = 0`, by name. */
  readonly calls: string[]
  /** What happens to every call: it passes, fails at once, or is never answered. */
  mode: 'up' | 'down' | 'hanging'
}

/** The same store, with its four verbs counted and breakable. */
export function watched<Store extends SessionStore>(store: Store): Watched<Store> {
  const watch: Watched<Store> = { store, calls: [], mode: 'up' }
  const through = <T>(name: string, call: () => Promise<T>): Promise<T> => {
    watch.calls.push(name)
    if (watch.mode === 'down') return Promise.reject(new Error('connection refused'))
    return watch.mode === 'hanging' ? new Promise<T>(() => {}) : call()
  }
  const verbs: SessionStore = {
    read: id => through('read', () => store.read(id)),
    create: (id, record) => through('create', () => store.create(id, record)),
    replace: (was, id, record) => through('replace', () => store.replace(was, id, record)),
    delete: id => through('delete', () => store.delete(id)),
  }
  return Object.assign(watch, { store: { ...store, ...verbs } })
}
