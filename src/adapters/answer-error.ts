import { type ServerResponse, STATUS_CODES } from 'node:http'
import { isKeepsakeError } from '../errors.ts'

/** Answers with the status of an error, and without a word of what it was. A fault of the program is told to the console. */
export function answerError(res: ServerResponse, error: unknown): void {
  const { status, headers } = isKeepsakeError(error) ? error : { status: 500, headers: {} }
  if (status === 500) console.error(error)
  res.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' })
  res.end(`${status} ${STATUS_CODES[status]}\n`)
}
