import { pythonStrip } from '../auth/safe-next.ts'

/** An address as Django keeps it: the domain in lower case. Matches `BaseUserManager.normalize_email`. */
export function normalizeEmail(email: string | null | undefined): string {
  const text = pythonStrip(email ?? '')
  const at = text.lastIndexOf('@')
  return at === -1 ? (email ?? '') : text.slice(0, at) + text.slice(at).toLowerCase()
}

/** A name as Django keeps it: what looks the same is the same. Matches `AbstractBaseUser.normalize_username`. */
export function normalizeUsername(username: string): string {
  return username.normalize('NFKC')
}
