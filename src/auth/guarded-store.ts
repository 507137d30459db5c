import type { Deadline } from '../waiting/deadline.ts'
import type { UserStore } from './users/user-store.ts'

/**
 * The user store as all of `createAuth` has it: one that fails or hangs is no unknown user and holds no request up. It fails with
 * status 503, as the sessions' does (promise 7).
 */
export function guardedStore<Own extends object>(store: UserStore<Own>, deadline: Deadline): UserStore<Own> {
  // A store that throws instead of rejecting is one that fails, too.
  return {
    find: by => deadline.within(async () => store.find(by)),
    create: values => deadline.within(async () => store.create(values)),
    update: (id, changes, options) => deadline.within(async () => store.update(id, changes, options)),
    delete: id => deadline.within(async () => store.delete(id)),
    list: options => deadline.within(async () => store.list(options)),
    rightsOf: id => deadline.within(async () => store.rightsOf(id)),
  }
}
