import { type Answer, jsonAnswer } from './answer.ts'

/** What a form or a program sent. The values are the client's: anything may be in them. */
export type Fields = Readonly<Record<string, unknown>>

/** What came of reading a body: its fields, or why there are none. */
export type Form = { readonly fields: Fields } | { readonly refused: 400 | 413 | 415 }

/** The bytes that a body may have. */
export const longestBody: number = 16 * 1024

/** The fields of a form that a browser sent, or of a JSON object. Never throws. */
export function readForm(contentType: string | null | undefined, text: string): Form {
  const type = contentType?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/x-www-form-urlencoded') return { fields: Object.fromEntries(new URLSearchParams(text)) }
  if (type !== 'application/json') return { refused: 415 }
  const value = fromJson(text)
  return isFields(value) ? { fields: value } : { refused: 400 }
}

/** Whether a framework has made fields of a body already. */
export function isFields(body: unknown): body is Fields {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}

/** The fields of a body that is still to be read. A client that goes away in the middle of it is refused, whether or not it hears of that. */
export async function readBody(contentType: string | null | undefined, body: AsyncIterable<Uint8Array>): Promise<Form> {
  try {
    const text = await readText(body)
    if (text === null) return { refused: 413 }
    return text === '' ? { fields: {} } : readForm(contentType, text)
  } catch {
    return { refused: 400 }
  }
}

/** The text of a body; null for one that is too long, of which no more is read. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > longestBody) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const reasons = {
  400: 'BODY_INVALID',
  413: 'BODY_TOO_LARGE',
  415: 'BODY_TYPE_UNKNOWN',
}

export function refuseForm(status: keyof typeof reasons): Answer {
  return jsonAnswer(status, { error: reasons[status] })
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
