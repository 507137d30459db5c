/** What an error of the table says: what happened, what to do about it, and the HTTP status it stands for. */
interface ErrorEntry {
  /** What was wrong, in one sentence; the message starts with it. */
  readonly title: string
  /** What to do about it; the message ends with it. */
  readonly fix: string
  /** The HTTP status that a framework's error handler answers with. */
  readonly status: 400 | 401 | 403 | 409 | 429 | 500 | 503
}

/** The code of an error, stable across versions: match on it, never on a message. */
export type ErrorCode =
  | 'ACCESS_DENIED'
  | 'COOKIE_INSECURE'
  | 'COOKIE_INVALID'
  | 'CROSS_SITE_REQUEST'
  | 'DURATION_INVALID'
  | 'HEADERS_SENT'
  | 'LOGIN_REQUIRED'
  | 'LOGIN_STALE'
  | 'LOGIN_THROTTLED'
  | 'OPTION_INVALID'
  | 'PACKAGE_MISSING'
  | 'PASSWORDS_BUSY'
  | 'PASSWORD_REFUSED'
  | 'RECORD_UNREADABLE'
  | 'REQUEST_UNKNOWN'
  | 'SCHEMA_MISMATCH'
  | 'SECRET_MISSING'
  | 'SECRET_WEAK'
  | 'SESSIONS_FULL'
  | 'SESSION_CONFLICT'
  | 'SESSION_ENDED'
  | 'SESSION_TOO_LARGE'
  | 'STORE_FAILED'
  | 'STORE_TIMEOUT'
  | 'TABLE_MISSING'
  | 'TEST_RUNNER_MISSING'
  | 'THROTTLE_FAILED'
  | 'USER_CONFLICT'
  | 'VALUE_INVALID'

/**
 * Every error that Keepsake throws. `docs/errors.md` has a heading for each code; a test keeps the two equal.
 * Garbage from a client is not in here: it never throws.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = {
  ACCESS_DENIED: {
    title: 'The user may not do this',
    fix: 'Give the user what this message says is missing: a permission, a group, or an active account.',
    status: 403,
  },
  COOKIE_INSECURE: {
    title: 'A session cookie without Secure is refused in production',
    fix: "Serve the site over https and drop `secure: false`; a site that must stay on plain http spells it `secure: 'never'`.",
    status: 500,
  },
  COOKIE_INVALID: {
    title: 'A cookie contradicts itself or the cookie grammar',
    fix: 'Change what this message names.',
    status: 500,
  },
  CROSS_SITE_REQUEST: {
    title: 'The request was not sent by a page of this site',
    fix: 'Send forms from the same origin, or name the other one in trustedOrigins.',
    status: 403,
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
  LOGIN_REQUIRED: {
    title: 'Nobody is logged in',
    fix: 'Send the visitor to the login page: auth.loginUrl(request) has the way back in it.',
    status: 401,
  },
  LOGIN_STALE: {
    title: 'The login is too long ago for this',
    fix: 'Ask for the password again and call auth.elevate(request, { password }).',
    status: 403,
  },
  LOGIN_THROTTLED: {
    title: 'Too many attempts to log in',
    fix: 'Wait for as long as Retry-After says.',
    status: 429,
  },
  OPTION_INVALID: {
    title: 'An option has a value that it cannot have',
    fix: 'Change the option named in this message.',
    status: 500,
  },
  PACKAGE_MISSING: {
    title: 'An optional package that this needs is not installed',
    fix: 'Install the package named in this message.',
    status: 500,
  },
  PASSWORDS_BUSY: {
    title: 'Too many passwords are being hashed at once',
    fix: 'Answer 503 and let the visitor try again; throttle logins, or raise `hashesAtOnce` if there are cores and memory for it.',
    status: 503,
  },
  PASSWORD_REFUSED: {
    title: 'This password cannot be hashed',
    fix: 'Call passwords.check(password) first and show the visitor what it says.',
    status: 400,
  },
  RECORD_UNREADABLE: {
    title: 'The session holds what cannot be read here, and saving would destroy it',
    fix: 'Give djangoSessions the key that signed it, in `fallbacks`, and keep only what JSON has in sessions; `unreadable: "replace"` gives such sessions up.',
    status: 500,
  },
  REQUEST_UNKNOWN: {
    title: 'sessions.of() or cookies() was given a request that no adapter has seen',
    fix: 'Mount the adapter before the routes, with these very sessions, and pass the request object that the framework hands to the handler.',
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
  SESSIONS_FULL: {
    title: 'This user has as many sessions as they may have',
    fix: 'Log out on another device, or show the devices and let the visitor choose one to log out.',
    status: 409,
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
    fix: 'Run the migrations once before serving: await store.migrate(), and await users.migrate() for the users of databaseUsers',
    status: 503,
  },
  TEST_RUNNER_MISSING: {
    title: 'The contract suite found no describe and it',
    fix: "Pass your runner's: describeSessionStore(name, createStore, { describe, it }).",
    status: 500,
  },
  THROTTLE_FAILED: {
    title: 'An attempt to log in could not be counted, so it was not let through',
    fix: 'See `cause` for what the counters said; check that they are up, and that their table was created.',
    status: 503,
  },
  USER_CONFLICT: {
    title: 'Other requests kept changing this user, and the change could not be saved',
    fix: 'Try the request again.',
    status: 503,
  },
  VALUE_INVALID: {
    title: 'A value cannot be kept in a session without being changed silently',
    fix: 'Convert it to plain JSON first (a Date to its ISO string, a Map to an object), or give createSessions a codec that keeps it, such as the module devalue.',
    status: 500,
  },
}
