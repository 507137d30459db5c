/**
 * A username as it is kept and compared: in Unicode's form NFKC, so that what looks the same is the same (the ohm sign and the
 * omega, full-width letters). As `AbstractBaseUser.normalize_username` of Django.
 */
export function normalizeUsername(username: string): string {
  return username.normalize('NFKC')
}

/**
 * An e-mail address as it is kept and compared: without the space around it, and with its domain in lower case. What stands before
 * the last `@` is the receiving server's business and stays as it is. As `BaseUserManager.normalize_email` of Django.
 */
export function normalizeEmail(email: string): string {
  const text = email.trim()
  const at = text.lastIndexOf('@')
  return at === -1 ? text : text.slice(0, at) + text.slice(at).toLowerCase()
}
