import { KeepsakeError } from '../../errors.ts'
import { dateText, momentIn } from '../database-dialect.ts'

/** A field of a user, its column in `auth_user`, and what it holds. */
export interface UserColumn {
  readonly name: string
  readonly column: string
  readonly type: 'text' | 'boolean' | 'date' | 'number'
}

/** The columns of Django's `AbstractUser` beside the id. */
export const userColumns: readonly UserColumn[] = [
  { name: 'username', column: 'username', type: 'text' },
  { name: 'email', column: 'email', type: 'text' },
  { name: 'firstName', column: 'first_name', type: 'text' },
  { name: 'lastName', column: 'last_name', type: 'text' },
  { name: 'password', column: 'password', type: 'text' },
  { name: 'isActive', column: 'is_active', type: 'boolean' },
  { name: 'isStaff', column: 'is_staff', type: 'boolean' },
  { name: 'isSuperuser', column: 'is_superuser', type: 'boolean' },
  { name: 'joinedAt', column: 'date_joined', type: 'date' },
  { name: 'lastLoginAt', column: 'last_login', type: 'date' },
]

/** A value as a parameter: true and false as 1 and 0, since not every driver takes them. */
export function toParameter({ name, type }: UserColumn, value: unknown): string | number | null {
  if (value === null || value === undefined) return null
  if (type === 'date' && value instanceof Date && !Number.isNaN(value.getTime())) return dateText(value.getTime())
  if (type === 'text' && typeof value === 'string') return value
  if (type === 'boolean' && typeof value === 'boolean') return Number(value)
  if (type === 'number' && typeof value === 'number' && Number.isFinite(value)) return value
  throw new KeepsakeError('OPTION_INVALID', `djangoUsers: ${name} got what is no ${type} (${typeof value})`)
}

export function fromColumn({ type }: UserColumn, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (type === 'text') return String(value)
  if (type === 'boolean') return Number(value) === 1
  return type === 'date' ? new Date(momentIn(value)) : Number(value)
}
