/**
 * Every value that a `Cookie` header gives to this name, in the header's order, exactly as sent: nothing is decoded,
 * unquoted or case-folded, since each of those has let one cookie pass for another (CVE-2020-8184, CVE-2023-26049).
 * Around names and values only space and tab are trimmed: `trim()` would let U+00A0 in front of a name (CVE-2026-39410).
 *
 * Never throws; linear in the length of the header. More than one value means that somebody planted a cookie, or that
 * cookies of several paths or domains overlap; which is ours cannot be told here.
 */
export function cookieValues(header: string | undefined, name: string): string[] {
  const values: string[] = []
  if (!header?.includes(name)) return values
  let start = 0
  while (start < header.length) {
    const semicolon = header.indexOf(';', start)
    const end = semicolon === -1 ? header.length : semicolon
    // Looked for in the pair alone: looking on to the end of the header for each pair would be quadratic.
    const pair = header.slice(start, end)
    const equals = pair.indexOf('=')
    if (equals !== -1 && trimmed(pair, 0, equals) === name) values.push(trimmed(pair, equals + 1, pair.length))
    start = end + 1
  }
  return values
}

function trimmed(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
