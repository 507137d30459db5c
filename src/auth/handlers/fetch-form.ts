import { type Form, longestBody, readBody } from './form.ts'

/** The fields of a `Request` that nobody has read. */
export async function fetchForm({ headers, body }: Request): Promise<Form> {
  if (Number(headers.get('Content-Length')) > longestBody) return { refused: 413 }
  // `values` throws where the program reads the body itself, which it has to see.
  return body ? readBody(headers.get('Content-Type'), body.values()) : { fields: {} }
}
