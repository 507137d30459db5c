/**
 * Every value that a `Cookie` header gives to this name, in the header's order, exactly as sent: nothing is decoded,
 * unquoted or case-folded, since each of those has let one cookie pass for another (CVE-2020-8184, CVE-2023-26049).
 * Around names and values only space and tab are trimmed: `trim()` would let U+00A0 in front of a name (CVE-2026-39410).
 *
 * Never throws; linear in the length of the header. More than one value means that somebody planted a cookie, or that
 * cookies of several paths or domains overlap; which is ours cannot be told here.
 */
export function cookieValues(header: string | undefined, name: string): string[] {
  if (!header || !canBeName(name)) return []
  const values: string[] = []
  let equals = equalsAfter(header, name, 0)
  while (equals !== -1) {
    const end = endOfPair(header, equals)
    values.push(trimmed(header, equals + 1, end))
    equals = equalsAfter(header, name, end)
  }
  return values
}

/** The first of them: the browser sends the cookie of the longest path first. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  if (!header || !canBeName(name)) return undefined
  const equals = equalsAfter(header, name, 0)
  return equals === -1 ? undefined : trimmed(header, equals + 1, endOfPair(header, equals))
}

/** Where the pair ends that has something at this position. */
export function endOfPair(header: string, position: number): number {
  const semicolon = header.indexOf(';', position)
  return semicolon === -1 ? header.length : semicolon
}

/** A part of the text, without the spaces and tabs around it. */
export function trimmed(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

/**
 * Where the next pair of this name has its `=`; -1 if there is none. It looks for the name and then around it, so that the
 * other pairs are passed by: several times as fast as to split the header, and linear as well, since no gap between two
 * occurrences is walked more than twice.
 */
function equalsAfter(header: string, name: string, start: number): number {
  for (let at = header.indexOf(name, start); at !== -1; at = header.indexOf(name, at + 1)) {
    let equals = at + name.length
    while (isBlank(header.charCodeAt(equals))) equals++
    if (header.charCodeAt(equals) === 0x3d && beginsPair(header, at)) return equals
  }
  return -1
}

function beginsPair(header: string, position: number): boolean {
  let before = position - 1
  while (before >= 0 && isBlank(header.charCodeAt(before))) before--
  return before < 0 || header.charCodeAt(before) === 0x3b
}

/** What no pair is called: looked for as it stands, it would be found across the borders of pairs. */
function canBeName(name: string): boolean {
  return name !== '' && !name.includes('=') && !name.includes(';') && trimmed(name, 0, name.length) === name
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
