import { KeepsakeError } from '../errors.ts'
import { pythonFloatText } from './python-float.ts'
import {
  dictEntries,
  isInt,
  maxDepth,
  maxDigits,
  PythonFloat,
  type PythonKey,
  PythonTuple,
  type PythonValue,
} from './python-value.ts'

/**
 * JSON as Django's `JSONSerializer` writes it: `json.dumps(value, separators=(",", ":"))`, in ASCII. Text that Python wrote
 * so is given back letter by letter by `readPythonJson` and this. Throws `VALUE_INVALID` for what JSON does not have.
 */
export function writePythonJson(value: PythonValue): string {
  return write(value, 0)
}

function write(value: PythonValue, depth: number): string {
  if (depth > maxDepth) throw invalid(`nested more than ${maxDepth} deep`)
  switch (typeof value) {
    case 'string':
      return writeText(value)
    case 'number':
      return isInt(value) ? String(value) : pythonFloatText(value)
    case 'bigint':
      return writeInt(value)
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : writeObject(value, depth)
    default:
      throw invalid(`a ${typeof value}`)
  }
}

function writeObject(value: object, depth: number): string {
  if (value instanceof PythonFloat) return pythonFloatText(value.value)
  if (value instanceof PythonTuple) return writeObject(value.items, depth)
  if (value instanceof Uint8Array) throw invalid('bytes')
  if (Array.isArray(value)) return `[${Array.from(value, item => write(item, depth + 1)).join()}]`
  const members: string[] = []
  for (const [key, item] of dictEntries(value)) members.push(`${writeText(keyText(key))}:${write(item, depth + 1)}`)
  return `{${members.join()}}`
}

/** The text that a key becomes in JSON. */
export function keyText(key: PythonKey): string {
  if (typeof key === 'string') return key
  if (key instanceof PythonFloat) return pythonFloatText(key.value)
  return typeof key === 'number' && !isInt(key) ? pythonFloatText(key) : String(key)
}

function writeInt(value: bigint): string {
  const text = value.toString()
  if (text.length > maxDigits + (value < 0n ? 1 : 0)) throw invalid(`an int of more than ${maxDigits} digits`)
  return text
}

const shortEscapes: Readonly<Record<string, string>> = {
  ...{ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f', '\b': '\\b' },
}

function writeText(text: string): string {
  return `"${text.replace(/[^ !#-[\]-~]/g, escapeUnit)}"`
}

function escapeUnit(unit: string): string {
  return shortEscapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function invalid(what: string): KeepsakeError {
  return new KeepsakeError('VALUE_INVALID', `the value holds ${what}, which Django's JSON has not`)
}
