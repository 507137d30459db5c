import { KeepsakeError } from '../../../errors.ts'
import { columnName } from '../../../stores/database/table.ts'

/** What an own field of a user can hold. */
export interface FieldTypes {
  text: string
  number: number
  boolean: boolean
  date: Date
}

/** The own fields of users and what each holds: `{ phone: 'text', verifiedAt: 'date' }`. */
export type Fields = Readonly<Record<string, keyof FieldTypes>>

/** The own fields as a program sees them. Each may be null: users who were there before the field have no value. */
export type FieldValues<F extends Fields> = { readonly [Name in keyof F]: FieldTypes[F[Name]] | null }

/** A field of a user and its column. */
export interface Column {
  readonly name: string
  readonly column: string
  readonly type: keyof FieldTypes
}

/** The columns of Django's fields, of which `id` and `sessionsValidFrom` stand apart in statements. */
export const builtInColumns: readonly Column[] = [
  { name: 'id', column: 'id', type: 'text' },
  { name: 'username', column: 'username', type: 'text' },
  { name: 'email', column: 'email', type: 'text' },
  { name: 'firstName', column: 'first_name', type: 'text' },
  { name: 'lastName', column: 'last_name', type: 'text' },
  { name: 'password', column: 'password', type: 'text' },
  { name: 'isActive', column: 'is_active', type: 'boolean' },
  { name: 'isStaff', column: 'is_staff', type: 'boolean' },
  { name: 'isSuperuser', column: 'is_superuser', type: 'boolean' },
  { name: 'joinedAt', column: 'joined_at', type: 'date' },
  { name: 'lastLoginAt', column: 'last_login_at', type: 'date' },
  { name: 'sessionsValidFrom', column: 'sessions_valid_from', type: 'number' },
]

const types: readonly string[] = ['text', 'number', 'boolean', 'date'] satisfies (keyof FieldTypes)[]

/** The columns of own fields. Throws for names that cannot be columns, and for those that every user table has. */
export function ownColumns(fields: Fields): readonly Column[] {
  return Object.entries(fields).map(([name, type]) => {
    const column = columnName(name)
    if (!column) throw invalid(name, 'is not a word like phoneNumber, of at most 30 characters as phone_number')
    if (builtInColumns.some(own => own.column === column)) throw invalid(name, 'is a field that every user has')
    if (!types.includes(type)) throw invalid(name, `is of type ${JSON.stringify(type)}, not one of ${types.join(', ')}`)
    return { name, column, type }
  })
}

const kinds: Readonly<Record<keyof FieldTypes, (value: unknown) => boolean>> = {
  text: value => typeof value === 'string',
  number: value => Number.isFinite(value),
  boolean: value => typeof value === 'boolean',
  date: value => value instanceof Date && !Number.isNaN(value.getTime()),
}

/** A value as its column keeps it: times in ms since 1970, true and false as 1 and 0, since not every driver takes them. */
export function toColumn({ name, type }: Column, value: unknown): string | number | null {
  if (value === null || value === undefined) return null
  if (!kinds[type](value)) throw invalid(name, `got what is no ${type} (${typeof value})`)
  return type === 'text' ? String(value) : Number(value)
}

/** Drivers differ: a number of 8 bytes may come as a text, a binary text as a Buffer. */
export function fromColumn({ type }: Column, value: unknown): string | number | boolean | Date | null {
  if (value === null || value === undefined) return null
  if (type === 'text') return String(value)
  if (type === 'boolean') return Number(value) === 1
  return type === 'date' ? new Date(Number(value)) : Number(value)
}

/** Throws for a name that is no field of these users: it is misspelt, or a form was passed on as it came. */
export function columnOf(columns: readonly Column[], name: string): Column {
  const column = columns.find(({ name: known }) => known === name)
  if (column) return column
  throw invalid(
    name,
    `is no field of these users; tell the store of it: databaseUsers(database, { fields: { ${name}: 'text' } })`,
  )
}

function invalid(field: string, what: string): KeepsakeError {
  return new KeepsakeError('OPTION_INVALID', `databaseUsers: field ${JSON.stringify(field)} ${what}`)
}
