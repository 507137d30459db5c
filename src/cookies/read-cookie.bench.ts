// What it costs to find one cookie in a header of 1 KB, beside the package `cookie`, which parses all of it. Run it with Node:
//   node src/cookies/read-cookie.bench.ts
import { parseCookie } from 'cookie'
import { parseCookies } from './parse-cookies.ts'
import { cookieValue, cookieValues } from './read-cookie.ts'

const name = '__Host-session'
const session = `${name}=q3fHCkN1Yz0aVtXw7uJbKcLdMeNfOgPhQiRjSkTlUmV`
const others = Array.from({ length: 17 }, (_, i) => `_ga_${i}F7K2=GS1.1.17${i}4${i}93.${i}.1.17${i}512.60.0.0abcdef`)
const headers: Record<string, string> = {
  'first of 18': [session, ...others].join('; '),
  'in the middle': [...others.slice(0, 9), session, ...others.slice(9)].join('; '),
  'last of 18': [...others, session].join('; '),
  absent: others.join('; '),
}

const contenders: Record<string, (header: string) => unknown> = {
  'cookie 2, parseCookie': header => parseCookie(header)[name],
  cookieValue: header => cookieValue(header, name),
  cookieValues: header => cookieValues(header, name),
  parseCookies: header => parseCookies(header).get(name),
}

/** Each run hands over another string, as each request does, so that nothing is remembered of it. */
function nanoseconds(read: (header: string) => unknown, header: string): number {
  const runs = 50_000
  const bytes = Buffer.from(header)
  const fresh = Array.from({ length: 1000 }, () => bytes.toString('latin1'))
  const start = process.hrtime.bigint()
  for (let i = 0; i < runs; i++) read(fresh[i % 1000] ?? '')
  return Number(process.hrtime.bigint() - start) / runs
}

for (const [where, header] of Object.entries(headers)) {
  const best: Record<string, number> = {}
  for (let round = 0; round < 7; round++) {
    for (const [contender, read] of Object.entries(contenders)) {
      best[contender] = Math.min(best[contender] ?? Number.POSITIVE_INFINITY, nanoseconds(read, header))
    }
  }
  const base = best['cookie 2, parseCookie'] ?? 0
  console.log(`\n${where}, ${header.length} bytes`)
  for (const [contender, ns] of Object.entries(best)) {
    console.log(
      `  ${contender.padEnd(24)}${ns.toFixed(0).padStart(6)} ns${(base / ns).toFixed(1).padStart(8)} times as fast`,
    )
  }
}
