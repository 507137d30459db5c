import type { User } from './user.ts'
import type { Rights } from './user-store.ts'

type Standing = Pick<User, 'isActive' | 'isSuperuser'>

/**
 * Whether this user may do what the permission stands for: an active superuser may do everything, a user who is not active
 * nothing, and neither may nobody (null).
 *
 * @example
 * if (!hasPermission(user, await users.rightsOf(user.id), 'blog.publish')) return new Response(null, { status: 403 })
 */
export function hasPermission(user: Standing | null, rights: Rights, permission: string): boolean {
  if (!user?.isActive) return false
  return user.isSuperuser || rights.permissions.includes(permission)
}

/** Whether this user is active and one of the group. A superuser is in no group that they were not put in. */
export function isInGroup(user: Standing | null, rights: Rights, group: string): boolean {
  return user?.isActive === true && rights.groups.includes(group)
}
