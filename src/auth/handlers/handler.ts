import type { Auth } from '../auth.ts'
import { exchangeFor } from '../auth-core.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { answerError } from './errors.ts'
import { type Fields, type Form, refuseForm } from './form.ts'

/** What one of the ready-made handlers does with the fields of a form. */
export type Handler<R extends object> = (request: R, fields: Fields) => Promise<Answer>

/** The field of a form with `auth.formToken`, for browsers that say nothing of where a request came from. */
const tokenField = 'cross-site-token'

/**
 * The rules of all ready-made handlers: POST alone, since links and pictures of other sites ask with GET; a body of a known kind;
 * and no page of another site may have sent it.
 */
export async function handle<R extends object>(
  auth: Auth,
  request: R,
  readForm: () => Promise<Form>,
  handler: Handler<R>,
): Promise<Answer> {
  if (exchangeFor(request).method !== 'POST') return jsonAnswer(405, { error: 'METHOD_NOT_ALLOWED' }, { Allow: 'POST' })
  const form = await readForm()
  if ('refused' in form) return refuseForm(form.refused)
  try {
    await auth.requireSameSite(request, form.fields[tokenField])
    return await handler(request, form.fields)
  } catch (error) {
    return answerError(auth, request, error)
  }
}
