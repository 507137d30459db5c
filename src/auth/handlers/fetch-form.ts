import { type Form, longestBody, readForm, readText } from './form.ts'

/** The fields of a `Request` that nobody has read. */
export async function fetchForm({ headers, body }: Request): Promise<Form> {
  if (Number(headers.get('Content-Length')) > longestBody) return { refused: 413 }
  const text = body ? await readText(body) : ''
  if (text === null) return { refused: 413 }
  return text === '' ? { fields: {} } : readForm(headers.get('Content-Type'), text)
}
