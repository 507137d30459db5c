import { KeepsakeError } from '../errors.ts'

/** 256 bits, if each byte is worth its 8; ASVS 11.2.3 asks for 128. */
const leastBytes = 32

/** 32 random hexadecimal digits, the least that is accepted, come to 90 and more; words and patterns to less than 60. */
const leastStrength = 70

/** What placeholder secrets are made of (CVE-2018-15133: keys that everyone knows). They count for nothing. */
const placeholder = new RegExp(
  [
    ...['change', 'replace', 'insert', 'enter', 'please', 'here', 'this', 'your', 'with', 'before', 'must', 'should'],
    ...['secret', 'password', 'passphrase', 'passwd', 'token', 'private', 'secure', 'key', 'salt', 'cookie', 'session'],
    ...[
      'keyboard',
      'cat',
      'shhh+',
      'default',
      'example',
      'sample',
      'placeholder',
      'dummy',
      'foo',
      'bar',
      'baz',
      'todo',
    ],
    ...['test', 'testing', 'development', 'production', 'local', 'admin', 'hello', 'world', 'lorem', 'ipsum', 'dolor'],
    ...[
      'qwerty',
      'asdf',
      'zxcv',
      'letmein',
      'abc',
      '123',
      'xxx+',
      'least',
      'minimum',
      'characters?',
      'chars?',
      'bytes?',
    ],
    ...['long', 'strong', 'complex', 'super', 'very', 'random', 'string', 'value', 'really', 'some', 'thing', 'safe'],
    ...['the', 'and', 'for', 'app', 'auth', 'jwt', 'my', 'me', 'is', 'it', 'to', 'in', 'at', 'of', 'not', 'use', 'do'],
  ].join('|'),
  'gi',
)

/** Random once, and known to everyone since: they stand in the documentation of others, and in the programs that were copied from it. */
const published = [
  '192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf',
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
  'sdfsdSDFD5sf4rt4egrt4drgsdFSD4e5',
]

/** How a place for a secret begins, in files that a program was to fill in: `<secret>`, `$(openssl …)`, `${SECRET}`, `{{ secret }}`. */
const unfilled = /^\s*(<|\$\(|\$\{|\{\{)/

/** Words and nothing else. What a generator makes of 32 bytes has digits, or capitals in the midst of it. */
const sentence = /^[^A-Za-z0-9]*([A-Z][a-z]*|[a-z]+)([^A-Za-z0-9]+([A-Z][a-z]*|[a-z]+))*[^A-Za-z0-9]*$/

/** Refuses what is no secret, too short a one, or one that can be guessed. The message says which, and never what it is. */
export function checkSecret(secret: unknown, place: number): asserts secret is string {
  if (typeof secret !== 'string' || secret === '') {
    const kind = secret === '' ? 'the empty text' : secret === undefined ? 'undefined' : `no text but ${typeof secret}`
    throw new KeepsakeError('SECRET_MISSING', `secret ${place} is ${kind}`)
  }
  const weakness = weaknessOf(secret)
  if (weakness) throw new KeepsakeError('SECRET_WEAK', `secret ${place} ${weakness}`)
}

function weaknessOf(secret: string): string | null {
  if (Buffer.byteLength(secret) < leastBytes) return `is shorter than ${leastBytes} bytes`
  if (published.includes(secret)) return 'stands in public documentation'
  if (secret.startsWith('django-insecure-')) return 'was made for development, as its beginning says'
  if (unfilled.test(secret)) return 'is a place for a secret that was not filled in'
  if (sentence.test(secret === secret.toUpperCase() ? secret.toLowerCase() : secret)) return 'has nothing but words'
  if (strength(secret) < leastStrength) return 'repeats itself, or follows a pattern'
  if (strength(secret.replace(placeholder, '')) < leastStrength) return 'is made of words that placeholders are made of'
  return null
}

/**
 * About how many bits it takes to guess the text: what one character tells, times the number of different places in it.
 * Differences of neighbours are counted too, so that '0123456789abcdef' is seen to be one step, again and again.
 */
function strength(text: string): number {
  const codes = Array.from(text, character => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  const places = new Set(steps.slice(1).map((step, index) => `${steps[index]} ${step} ${codes[index]}`))
  return Math.min(bitsEach(codes), bitsEach(steps)) * places.size
}

/** Shannon's entropy of a list: what one more of its items tells on average, in bits. */
function bitsEach(items: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / items.length) * Math.log2(count / items.length)
  return bits
}
