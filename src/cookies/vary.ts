/** A `Vary` header that names this request header, once, beside what it names already. */
export function varyBy(header: string, vary: string | undefined): string {
  if (!vary) return header
  const names = vary.split(',').map(name => name.trim().toLowerCase())
  return names.includes(header.toLowerCase()) || names.includes('*') ? vary : `${vary}, ${header}`
}
