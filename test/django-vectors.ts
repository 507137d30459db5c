import { toPlain } from '../src/django/plain-value.ts'
import { readPythonJson } from '../src/django/python-json-read.ts'
import { checkMiddleware, checkSchema, middlewareDifferences } from './django-middleware.ts'
import type { Checks, Dict, Vector } from './django-vector-parts.ts'
import { requestChecks } from './django-vector-requests.ts'
import { textChecks } from './django-vector-texts.ts'

/** Why a vector is not checked here: by kind, or by id. */
export function elsewhere({ kind, id, django, expected }: Vector): string | undefined {
  if (kind === 'session_decode' && django.startsWith('3.') && 'error' in expected) {
    return '3.2 raises an error of base64 for signed text that is not JSON'
  }
  return otherKinds[kind] ?? otherIds[id] ?? middlewareDifferences[id.replace('main.session_middleware.', '')]
}

const otherKinds: Readonly<Record<string, string>> = {
  password_hash: 'src/auth/passwords: its own tests run these',
  check_password_edge: 'src/auth/passwords: its own tests run these',
  password_validation: 'src/auth/passwords: its own tests run these',
}

const otherIds: Readonly<Record<string, string>> = {
  'main.url_has_allowed_host_and_scheme.dj3.2.25.17': '5.2 refuses a line break within a scheme, and so do we',
  'main.url_has_allowed_host_and_scheme.dj3.2.25.45': '5.2 refuses more than 2048 characters, and so do we',
  'main.set_cookie.dj3.2.25.maxagetd': '3.2 has no max_age of type timedelta; ours is always seconds',
  'main.set_cookie.dj3.2.25.both': '3.2 overwrites max_age silently; 5.2 and we refuse both',
  'main.password_reset_token.dj3.2.25.2': '3.2 takes a stamp of less than 4 letters for days, as 3.0 wrote it',
}

/** The vectors of a file, read as Python reads them: JavaScript's own reader would lose 1.0 and 2^64. */
export function readVectors(text: string): Vector[] {
  const file = readPythonJson(text, text.length) as Dict
  const vectors = file.get('vectors') as readonly Dict[]
  return vectors.map(vector => {
    const input = vector.get('input') as Dict
    return {
      ...(toPlain(vector) as Vector),
      given: input.get('obj') ?? input.get('session') ?? input.get('session_before') ?? null,
    }
  })
}

export const check: Checks = {
  db_schema: checkSchema,
  session_middleware: checkMiddleware,
  ...textChecks,
  ...requestChecks,
}
