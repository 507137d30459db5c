import type { IncomingMessage } from 'node:http'
import { type Form, isFields, longestBody, readBody } from './form.ts'

/** The fields of Node's request. `parsed` is what the framework has made of the body, if it has. */
export async function nodeForm(req: IncomingMessage, parsed: unknown): Promise<Form> {
  // Body parsers leave an empty object where a body is of another type than theirs: that one is still to be read.
  if (isFields(parsed) && (req.readableEnded || Object.keys(parsed).length > 0)) return { fields: parsed }
  const { 'content-type': type, 'content-length': length } = req.headers
  if (Number(length) > longestBody) return { refused: 413 }
  // Not destroyed where it is too long: the answer has to go the same way.
  return length === '0' ? { fields: {} } : readBody(type, req.iterator({ destroyOnReturn: false }))
}
