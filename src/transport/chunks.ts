/**
 * Browsers drop a cookie whose name and value have more than 4096 bytes, so a longer value travels in several cookies: the
 * first, under the cookie's own name, begins with `~`, their number and a dot, and the others are named `<name>.1` and so on.
 * No value of ours begins with `~`. That all chunks belong together is for the value to show, by the one tag over all of it.
 */

/** Leaves room for the name, and for browsers that count the attributes too. */
export const chunkLength = 3800

/** Node's own limit on all headers of a request is 16 KiB. */
export const mostChunks = 4

/** What the chunks hold in all, beside `~4.` in front. */
export const longestValue: number = mostChunks * chunkLength - 3

export function chunkName(name: string, index: number): string {
  return `${name}.${index}`
}

/** A value as the cookies that carry it. */
export function chunksOf(value: string): string[] {
  if (value.length <= chunkLength) return [value]
  const count = Math.ceil((value.length + 3) / chunkLength)
  const whole = `~${count}.${value}`
  return Array.from({ length: count }, (_, i) => whole.slice(i * chunkLength, (i + 1) * chunkLength))
}

/** The value that begins with `first`; the empty text, which is no value, if one of the others is missing or there twice. */
export function joinChunks(first: string, others: (index: number) => readonly string[]): string {
  if (!first.startsWith('~')) return first
  const count = Number(first[1])
  if (first[2] !== '.' || !(count >= 2 && count <= mostChunks)) return ''
  let value = first.slice(3)
  for (let index = 1; index < count; index++) {
    const [chunk, another] = others(index)
    if (chunk === undefined || another !== undefined) return ''
    value += chunk
  }
  return value
}
