import { KeepsakeError } from '../../errors.ts'
import type { DataCodec } from '../../values/kept-copy.ts'
import { toPlain } from '../plain-value.ts'
import { readPythonJson } from '../python-json-read.ts'
import { writePythonJson } from '../python-json-write.ts'
import { defaultMaxBytes, maxDepth, maxValues, type PythonValue } from '../python-value.ts'

/** Copies what a program sets: all that JSON has, and what only Python's has, `bigint` and the numbers that are none. */
export const pythonValues: DataCodec = {
  // It stands in the session's dict.
  stringify: value => writePythonJson(copyOf(value, 1)),
  parse: text => {
    const value = readPythonJson(text)
    if (value === undefined) throw tooLarge(`${text.length} bytes of JSON`)
    return toPlain(value)
  },
}

/** What is written has to be read again: here, and before it is written. */
export function tooLarge(size: string): KeepsakeError {
  const limits = `at most ${defaultMaxBytes} bytes and ${maxValues(defaultMaxBytes)} values`
  return new KeepsakeError('SESSION_TOO_LARGE', `it has ${size}; what is read of a session of Django has ${limits}`)
}

/** Refuses what would come back as something else: dates, maps, instances of classes, `undefined` in a list. */
function copyOf(value: unknown, depth: number): PythonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value === 'bigint' || value === null) return value
  if (typeof value !== 'object' || depth > maxDepth) throw invalid(`a ${typeof value}, or nested too deep`)
  if (Array.isArray(value)) return Array.from(value, item => copyOf(item, depth + 1))
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw invalid('an instance of a class')
  // What is undefined reads as undefined when it is left out.
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return new Map(entries.map(([key, item]) => [key, copyOf(item, depth + 1)]))
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError('VALUE_INVALID', `the value holds ${what}, which a session of Django does not`)
}
