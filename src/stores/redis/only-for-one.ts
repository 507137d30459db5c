/**
 * Whether a command of many keys was refused because there are many, before anything was done: a proxy that spreads keys over servers, or a user
 * who may run another one only.
 */
export function isOnlyForOne(error: unknown): boolean {
  return error instanceof Error && /^(CROSSSLOT|NOPERM)/.test(error.message)
}
