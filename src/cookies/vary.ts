/** A `Vary` header that names `Cookie`, once, beside what it names already. */
export function varyByCookie(vary: string | undefined): string {
  const names = vary?.split(',').map(name => name.trim().toLowerCase()) ?? []
  if (vary && (names.includes('cookie') || names.includes('*'))) return vary
  return vary ? `${vary}, Cookie` : 'Cookie'
}
