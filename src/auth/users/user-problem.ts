import type { PasswordProblem } from '../passwords/check/problem.ts'

/** Texts that a user is known by, and that a visitor fills in. */
export type TextField = 'username' | 'email' | 'firstName' | 'lastName'

/** Why a user was not stored. `message` is English, for the person who filled in the form; translate by `field` and `code`. */
export type UserProblem =
  | { readonly field: TextField; readonly code: 'empty' | 'invalid' | 'taken'; readonly message: string }
  | { readonly field: TextField; readonly code: 'too-long'; readonly maximum: number; readonly message: string }
  | ({ readonly field: 'password' } & PasswordProblem)
  | { readonly field: 'id'; readonly code: 'unknown'; readonly message: string }
