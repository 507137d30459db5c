import { timingSafeEqual } from 'node:crypto'

/** Whether two texts are the same, in a time that tells nothing of where they differ. It may tell their lengths (CVE-2016-1000236). */
export function isSameText(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  // timingSafeEqual throws on unequal lengths, and what a client sent must not throw.
  return left.length === right.length && timingSafeEqual(left, right)
}
