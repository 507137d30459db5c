/** A `Vary` header that names this request header, once, beside what it names already. */
export function varyBy(header: string, vary: string | undefined): string {
  const names = vary?.split(',').map(name => name.trim().toLowerCase()) ?? []
  if (vary && (names.includes(header.toLowerCase()) || names.includes('*'))) return vary
  return vary ? `${vary}, ${header}` : header
}

/** A `Vary` header that names `Cookie`. */
export const varyByCookie = (vary: string | undefined): string => varyBy('Cookie', vary)
