import { maxDepth, maxDigits, maxValues } from './python-value.ts'

/**
 * Whether a text is JSON as Python's `json.loads` takes it, within the limits. It makes nothing, so that a hostile text, however
 * it is broken and wherever, costs one walk over it and no memory.
 */
export function isPythonJson(text: string, maxLength: number): boolean {
  return text.length <= maxLength && new Scan(text, maxValues(maxLength)).all()
}

const words = ['null', 'true', 'false', 'NaN', 'Infinity', '-Infinity']

class Scan {
  readonly #text: string
  #at = 0
  #left: number

  constructor(text: string, values: number) {
    this.#text = text
    this.#left = values
  }

  all(): boolean {
    return this.#value(0) && this.#at === this.#text.length
  }

  /** One value and the space around it. */
  #value(depth: number): boolean {
    if (depth > maxDepth || --this.#left < 0) return false
    this.#space()
    const done = this.#bare(this.#text.charCodeAt(this.#at), depth)
    this.#space()
    return done
  }

  #bare(first: number, depth: number): boolean {
    if (first === 0x22) return this.#string()
    if (first === 0x7b) return this.#members(0x7d, depth)
    if (first === 0x5b) return this.#members(0x5d, depth)
    return this.#number() || this.#word()
  }

  #members(end: number, depth: number): boolean {
    this.#at++
    this.#space()
    if (this.#take(end)) return true
    do {
      if (end === 0x7d && !this.#key()) return false
      if (!this.#value(depth + 1)) return false
    } while (this.#take(0x2c))
    return this.#take(end)
  }

  #key(): boolean {
    this.#space()
    if (!this.#string()) return false
    this.#space()
    return this.#take(0x3a)
  }

  #string(): boolean {
    if (!this.#take(0x22)) return false
    for (;;) {
      this.#at = afterPlain(this.#text, this.#at)
      const code = this.#text.charCodeAt(this.#at++)
      if (code === 0x22) return true
      if (code !== 0x5c || !this.#escape()) return false
    }
  }

  #escape(): boolean {
    const code = this.#text.charCodeAt(this.#at++)
    if (code !== 0x75) return isSimpleEscape(code)
    for (let i = 0; i < 4; i++) if (!isHex(this.#text.charCodeAt(this.#at++))) return false
    return true
  }

  #number(): boolean {
    const start = this.#at
    this.#take(0x2d)
    const first = this.#at
    if (!this.#take(0x30) && this.#digits() === 0) {
      this.#at = start
      return false
    }
    const whole = this.#at - first
    if (this.#take(0x2e) && this.#digits() === 0) return false
    if (this.#take(0x65) || this.#take(0x45)) {
      if (!this.#take(0x2b)) this.#take(0x2d)
      return this.#digits() > 0
    }
    return whole <= maxDigits || this.#at > first + whole
  }

  #digits(): number {
    const start = this.#at
    this.#at = after(digits, this.#text, start)
    return this.#at - start
  }

  #word(): boolean {
    for (const word of words) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return true
    }
    return false
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== code) return false
    this.#at++
    return true
  }

  #space(): void {
    if (isSpace(this.#text.charCodeAt(this.#at))) this.#at = after(spaces, this.#text, this.#at)
  }
}

// A regular expression walks over long runs several times faster than a loop, which is faster for short ones. Neither makes anything.

/** What stands for itself in a text: no quote, no backslash, no control character. */
const plain = /[ !#-[\]-\uffff]*/y
const digits = /[0-9]*/y
const spaces = /[ \t\n\r]*/y

function afterPlain(text: string, start: number): number {
  for (let at = start; at < start + 16; at++) {
    const code = text.charCodeAt(at)
    if (!(code >= 0x20) || code === 0x22 || code === 0x5c) return at
  }
  return after(plain, text, start + 16)
}

function after(run: RegExp, text: string, start: number): number {
  run.lastIndex = start
  run.test(text)
  return run.lastIndex
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46)
}

/** `"`, `\`, `/`, b, f, n, r, t. */
function isSimpleEscape(code: number): boolean {
  if (code < 0x62) return code === 0x22 || code === 0x5c || code === 0x2f
  return code === 0x62 || code === 0x66 || code === 0x6e || code === 0x72 || code === 0x74
}
