/** What an error of the table says: what happened, what to do about it, and the HTTP status it stands for. */
interface ErrorEntry {
  /** What was wrong, in one sentence; the message starts with it. */
  readonly title: string
  /** What to do about it; the message ends with it. */
  readonly fix: string
  /** The HTTP status that a framework's error handler answers with. */
  readonly status: 409 | 500 | 503
}

/** The code of an error, stable across versions: match on it, never on a message. */
export type ErrorCode =
  | 'COOKIE_INVALID'
  | 'COOKIE_INSECURE'
  | 'DURATION_INVALID'
  | 'HEADERS_SENT'
  | 'OPTION_INVALID'
  | 'REQUEST_UNKNOWN'
  | 'SCHEMA_MISMATCH'
  | 'SECRET_MISSING'
  | 'SECRET_WEAK'
  | 'SESSION_CONFLICT'
  | 'SESSION_ENDED'
  | 'SESSION_TOO_LARGE'
  | 'STORE_FAILED'
  | 'STORE_TIMEOUT'
  | 'TABLE_MISSING'
  | 'TEST_RUNNER_MISSING'
  | 'VALUE_INVALID'

/**
 * Every error that Keepsake throws. `docs/errors.md` has a heading for each code; a test keeps the two equal.
 * Garbage from a client is not in here: it never throws.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = {
  COOKIE_INVALID: {
    title: 'A cookie contradicts itself or the cookie grammar',
    fix: 'Change what this message names.',
    status: 500,
  },
  COOKIE_INSECURE: {
    title: 'A session cookie without Secure is refused in production',
    fix: "Serve the site over https and drop `secure: false`; a site that must stay on plain http spells it `secure: 'never'`.",
    status: 500,
  },
  DURATION_INVALID: {
    title: 'Not a duration',
    fix: "Write a whole number and a unit, such as '30s', '15m', '2h' or '14d'.",
    status: 500,
  },
  HEADERS_SENT: {
    title: 'This change needs a cookie, and the response headers have already left',
    fix: 'Make the change before the first byte of the response is written.',
    status: 500,
  },
  OPTION_INVALID: {
    title: 'An option has a value that it cannot have',
    fix: 'Change the option named in this message.',
    status: 500,
  },
  REQUEST_UNKNOWN: {
    title: 'sessions.of() or cookies() was given a request that no adapter has seen',
    fix: 'Mount the adapter before the routes, for example app.use(expressSessions(sessions)), and pass the request object that the framework hands to the handler.',
    status: 500,
  },
  SCHEMA_MISMATCH: {
    title: 'The session data to be saved does not fit the schema',
    fix: 'Set what the schema asks for in the same request, or make it optional or defaulted there.',
    status: 500,
  },
  SECRET_MISSING: {
    title: 'There is no secret to sign or seal with',
    fix: 'Give the program one, for example in an environment variable. This makes a good one: openssl rand -base64 32',
    status: 500,
  },
  SECRET_WEAK: {
    title: 'A secret can be guessed',
    fix: 'Take a random one of 32 bytes or more. This makes one: openssl rand -base64 32',
    status: 500,
  },
  SESSION_CONFLICT: {
    title: 'Other requests kept changing this session, and the change could not be saved',
    fix: 'Try the request again; if it recurs, let fewer requests write to one session at the same time.',
    status: 503,
  },
  SESSION_ENDED: {
    title: 'The session ended while this request ran, so its changes were not saved',
    fix: 'Usually the visitor logged out or in from another tab: answer 409, or send them to the start page.',
    status: 409,
  },
  SESSION_TOO_LARGE: {
    title: 'The session is larger than its cookie or its store can hold',
    fix: 'Keep less in the session: an id instead of the thing, or a store that holds more.',
    status: 500,
  },
  STORE_FAILED: {
    title: 'The session store failed',
    fix: 'See `cause` for what the store said. The cookie was kept; whether a change under way was made is not known.',
    status: 503,
  },
  STORE_TIMEOUT: {
    title: 'The session store did not answer within its deadline',
    fix: 'Check that the store is up and reachable; `storeDeadline` sets how long to wait.',
    status: 503,
  },
  TABLE_MISSING: {
    title: 'A table of Keepsake does not exist in this database, or lacks a column',
    fix: 'Run the migrations once before serving: await store.migrate()',
    status: 503,
  },
  TEST_RUNNER_MISSING: {
    title: 'The contract suite found no describe and it',
    fix: "Pass your runner's: describeSessionStore(name, createStore, { describe, it }).",
    status: 500,
  },
  VALUE_INVALID: {
    title: 'A value cannot be kept in a session without being changed silently',
    fix: 'Convert it to plain JSON first (a Date to its ISO string, a Map to an object), or give createSessions a codec that keeps it, such as the module devalue.',
    status: 500,
  },
}

/**
 * The one class of error that Keepsake throws.
 *
 * `status`, `statusCode` and `headers` are what Express, Koa and Fastify look for, so an uncaught one is answered rightly by each.
 */
export class KeepsakeError extends Error {
  override readonly name = 'KeepsakeError'
  readonly code: ErrorCode
  readonly fix: string
  readonly status: number
  readonly statusCode: number
  /** Headers of the answer, for the frameworks that look for them in an error (Express, Koa). */
  readonly headers: Readonly<Record<string, string>>
  /** False, so that frameworks which show messages to clients (Koa, http-errors) do not show this one. */
  readonly expose = false

  /** `detail` is what was wrong this time, with the offending value unless it is secret. */
  constructor(code: ErrorCode, detail = '', options?: ErrorOptions) {
    const { title, fix, status } = errorTable[code]
    super(`${code}: ${title}${detail && `: ${detail}`}. ${fix}`, options)
    this.code = code
    this.fix = fix
    this.status = status
    this.statusCode = status
    this.headers = status === 503 ? { 'Retry-After': '1' } : {}
  }
}

/**
 * Tells Keepsake's errors from others, optionally of one code, even across two installed copies of the package.
 *
 * @example
 * if (isKeepsakeError(error, 'SESSION_ENDED')) return Response.redirect('/login')
 */
export function isKeepsakeError(error: unknown, code?: ErrorCode): error is KeepsakeError {
  return error instanceof Error && error.name === 'KeepsakeError' && (!code || (error as KeepsakeError).code === code)
}
