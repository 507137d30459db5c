/**
 * Whether a command was refused because it has many keys, before anything was done: by a proxy that spreads keys over servers, or to
 * a user who may run another one only.
 */
export function isOnlyForOne(error: unknown): boolean {
  return error instanceof Error && /^(CROSSSLOT|NOPERM)/.test(error.message)
}
