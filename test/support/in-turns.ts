import type { ExpirySweep, SessionIndex, SessionStore } from '../../src/stores/store.ts'

type Store = SessionStore & SessionIndex & ExpirySweep

/** One store out of several connections to the same records: each call goes to the next, as if from another process. */
export function inTurns(stores: readonly [Store, ...Store[]]): Store {
  let calls = 0
  const next = (): Store => stores[calls++ % stores.length] ?? stores[0]
  return {
    read: id => next().read(id),
    create: (id, record) => next().create(id, record),
    replace: (was, id, record) => next().replace(was, id, record),
    delete: id => next().delete(id),
    find: (name, value) => next().find(name, value),
    deleteBy: (name, value, options) => next().deleteBy(name, value, options),
    deleteExpired: (now, options) => next().deleteExpired(now, options),
  }
}
