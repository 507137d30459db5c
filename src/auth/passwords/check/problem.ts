/** Why a new password is not good enough. `message` is English, for the person who chose it; translate by `code`. */
export type PasswordProblem =
  | { readonly code: 'not-text' | 'all-digits' | 'too-common' | 'own-word' | 'breached'; readonly message: string }
  | { readonly code: 'too-short'; readonly minimum: number; readonly message: string }
  | { readonly code: 'too-long'; readonly maximumBytes: number; readonly message: string }
  | { readonly code: 'too-similar'; readonly attribute: string; readonly message: string }

/** What is known about who chooses the password. */
export interface PasswordContext {
  /** The user, or what they fill in at sign-up. Only the attributes of the option `userAttributes` are looked at. */
  readonly user?: Readonly<Record<string, unknown>> | object
  /** Words that are easy to guess here, beside those of the option `words`: the company's name, the product's. */
  readonly words?: readonly string[]
}

/** How texts are compared here, and here alone: what is hashed is the password as it came. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase()
