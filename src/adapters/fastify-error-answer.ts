import type { ServerResponse } from 'node:http'
import { answerError } from './answer-error.ts'
import { describesAnswer } from './describes-answer.ts'

// What is used of Fastify's reply, so that its types are not needed where it is not installed.
export interface ReplyLike {
  readonly raw: ServerResponse
  readonly sent: boolean
  getHeaders(): object
  removeHeader(name: string): unknown
  send(payload: unknown): unknown
}

// Gives an error to Fastify, in place of the answer that was dropped. A hijacked reply is the program's own: Fastify sends nothing there.
export function answerOn(reply: ReplyLike, error: unknown): void {
  // One of its own shows that an answer was dropped before, for another of several `Sessions`.
  if (reply.sent && !Object.hasOwn(reply, 'sent')) return void answerError(reply.raw, error)
  for (const name of Object.keys(reply.getHeaders())) if (describesAnswer(name)) reply.removeHeader(name)
  replyFor(reply).send(error)
}

// The reply on which the error is answered. The program's own stays answered, as it was when the program sent its answer: behind a hook
// that has refused, the handler would else run while an error handler takes its time.
function replyFor(reply: ReplyLike): ReplyLike {
  Object.defineProperty(reply, 'sent', { value: true })
  return Object.create(reply, { sent: { get: () => reply.raw.writableEnded } })
}
