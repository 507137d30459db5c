import {
  defaultMaxBytes,
  maxDepth,
  maxDigits,
  maxValues,
  type PythonValue,
  pythonFloat,
  pythonInt,
} from './python-value.ts'

/**
 * The value of a text that Python's `json.dumps` wrote, with every type kept; undefined if it is no such text. Never throws,
 * and gives up at the first level too deep or value too many. Matches `json.loads`, `NaN` and the infinities included.
 */
export function readPythonJson(text: string, maxLength: number = defaultMaxBytes): PythonValue | undefined {
  if (text.length > maxLength || hasTooManyCommas(text)) return undefined
  try {
    return new Reader(text).readAll()
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Before anything is made of it: more values than are read take more commas than this, be some of them in texts. */
function hasTooManyCommas(text: string): boolean {
  if (text.length <= maxValues) return false
  let left = maxValues
  for (let at = 0; at < text.length && left >= 0; at++) if (text.charCodeAt(at) === 0x2c) left--
  return left < 0
}

const space = /[ \t\n\r]*/y
const numbers = /-?(?:0|[1-9]\d*)((?:\.\d+)?(?:[eE][-+]?\d+)?)/y
const words: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ...([
    ['null', null],
    ['true', true],
    ['false', false],
  ] as const),
  ...([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
  ] as const),
])

class Reader {
  readonly #text: string
  #at = 0
  #left = maxValues

  constructor(text: string) {
    this.#text = text
  }

  readAll(): PythonValue {
    this.#skipSpace()
    const value = this.#value(0)
    if (this.#at < this.#text.length) throw new SyntaxError()
    return value
  }

  /** One value and the space after it. */
  #value(depth: number): PythonValue {
    this.#left--
    if (depth > maxDepth || this.#left < 0) throw new SyntaxError()
    const value = this.#read(this.#text[this.#at], depth)
    this.#skipSpace()
    return value
  }

  #read(first: string | undefined, depth: number): PythonValue {
    if (first === '"') return this.#string()
    if (first === '{') return this.#dict(depth)
    if (first === '[') return this.#list(depth)
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#number()
  }

  #list(depth: number): PythonValue[] {
    const items: PythonValue[] = []
    this.#members(']', () => items.push(this.#value(depth + 1)))
    return items
  }

  #dict(depth: number): Map<string, PythonValue> {
    const dict = new Map<string, PythonValue>()
    this.#members('}', () => {
      const key = this.#string()
      this.#skipSpace()
      if (!this.#take(':')) throw new SyntaxError()
      dict.set(key, this.#value(depth + 1))
    })
    return dict
  }

  #members(end: string, readOne: () => void): void {
    this.#at++
    this.#skipSpace()
    if (this.#take(end)) return
    do readOne()
    while (this.#take(','))
    if (!this.#take(end)) throw new SyntaxError()
  }

  /** The native parser knows the escapes, and refuses raw control characters as Python does. */
  #string(): string {
    const start = this.#at
    if (this.#text[start] !== '"') throw new SyntaxError()
    const end = this.#endOfString(start)
    this.#at = end + 1
    return JSON.parse(this.#text.slice(start, this.#at))
  }

  /** Most have no escapes. Those that have are walked through once, however many they have. */
  #endOfString(start: number): number {
    const text = this.#text
    const quote = text.indexOf('"', start + 1)
    if (quote !== -1 && text[quote - 1] !== '\\') return quote
    for (let at = start + 1; quote !== -1 && at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x22) return at
      if (code === 0x5c) at++
    }
    throw new SyntaxError()
  }

  #number(): PythonValue {
    numbers.lastIndex = this.#at
    const match = numbers.exec(this.#text)
    if (!match) throw new SyntaxError()
    const [text, float] = match
    this.#at += text.length
    if (float) return pythonFloat(Number(text))
    if (text.length > maxDigits + (text.startsWith('-') ? 1 : 0)) throw new SyntaxError()
    return text.length < 16 ? Number(text) || 0 : pythonInt(BigInt(text))
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    this.#skipSpace()
    return true
  }

  #skipSpace(): void {
    if (!isSpace(this.#text.charCodeAt(this.#at))) return
    space.lastIndex = this.#at
    space.test(this.#text)
    this.#at = space.lastIndex
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
