import { isPythonJson } from './python-json-scan.ts'
import { defaultMaxBytes, type PythonValue, pythonFloat, pythonInt } from './python-value.ts'

/**
 * The value of a text that Python's `json.dumps` wrote, with every type kept; undefined if it is no such text. Never throws, and
 * makes nothing before the whole text is known to be good. Matches `json.loads`, `NaN` and the infinities included.
 */
export function readPythonJson(text: string, maxLength: number = defaultMaxBytes): PythonValue | undefined {
  return isPythonJson(text, maxLength) ? new Reader(text).value() : undefined
}

const space = /[ \t\n\r]*/y
const numbers = /-?\d+((?:\.\d+)?(?:[eE][-+]?\d+)?)/y
const words: readonly (readonly [string, PythonValue])[] = [
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
]

/** Reads what is known to be JSON. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** One value and the space around it. */
  value(): PythonValue {
    this.#skipSpace()
    const value = this.#bare(this.#text[this.#at])
    this.#skipSpace()
    return value
  }

  #bare(first: string | undefined): PythonValue {
    if (first === '"') return this.#string()
    if (first === '{') return this.#dict()
    if (first === '[') return this.#list()
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#number()
  }

  #list(): PythonValue[] {
    const items: PythonValue[] = []
    this.#members(']', () => items.push(this.value()))
    return items
  }

  #dict(): Map<string, PythonValue> {
    const dict = new Map<string, PythonValue>()
    this.#members('}', () => {
      this.#skipSpace()
      const key = this.#string()
      this.#skipSpace()
      this.#at++
      dict.set(key, this.value())
    })
    return dict
  }

  #members(end: string, readOne: () => void): void {
    do {
      this.#at++
      this.#skipSpace()
      if (this.#text[this.#at] !== end) readOne()
    } while (this.#text[this.#at] === ',')
    this.#at++
  }

  /** The native parser knows the escapes. */
  #string(): string {
    const start = this.#at
    this.#at = this.#endOfString(start)
    return JSON.parse(this.#text.slice(start, this.#at))
  }

  /** Most have no escapes. Those that have are walked through once, however many they have. */
  #endOfString(start: number): number {
    const text = this.#text
    const quote = text.indexOf('"', start + 1)
    if (text[quote - 1] !== '\\') return quote + 1
    let at = start + 1
    while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1
    return at + 1
  }

  #number(): PythonValue {
    numbers.lastIndex = this.#at
    const [text = '', float] = numbers.exec(this.#text) ?? []
    this.#at += text.length
    if (float) return pythonFloat(Number(text))
    return text.length < 16 ? Number(text) || 0 : pythonInt(BigInt(text))
  }

  #skipSpace(): void {
    if (this.#text.charCodeAt(this.#at) > 0x20) return
    space.lastIndex = this.#at
    space.test(this.#text)
    this.#at = space.lastIndex
  }
}
