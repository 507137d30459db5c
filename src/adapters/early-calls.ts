import type { ServerResponse } from 'node:http'
import type { Calls, Holder } from './held-calls.ts'

const key: unique symbol = Symbol('keepsake')

/** Node's own functions, or those of middleware, and who holds the response back by now: several do where there are several `Sessions`. */
interface Early extends Pick<Calls, 'write' | 'end'> {
  innermost: Holder | undefined
  outermost: Holder | undefined
}

interface Prepared {
  [key]?: Early
}

/**
 * In `res.end(await page(req))`, JavaScript takes the function `res.end` before it computes the argument, so before the page asks
 * for the session and the response is held back. What it takes is therefore this from the start, which asks who holds it.
 */
export function prepareForEarlyCalls(res: ServerResponse & Prepared): void {
  if (res[key]) return
  res[key] = { write: res.write, end: res.end, innermost: undefined, outermost: undefined }
  res.end = end as Calls['end']
  res.write = write as Calls['write']
}

/** Notes who holds back a response that is prepared. True for the first one. */
export function holdEarlyCalls(res: ServerResponse & Prepared, holder: Holder): boolean {
  const early = res[key] as Early
  early.outermost = holder
  if (early.innermost) return false
  early.innermost = holder
  return true
}

/** The first who held back a response that is held back. */
export function innermostHolder(res: ServerResponse & Prepared): Holder {
  return res[key]?.innermost as Holder
}

function end(this: ServerResponse & Prepared, ...args: Parameters<Calls['end']>): ServerResponse {
  return callsOf(this).end.apply(this, args)
}

function write(this: ServerResponse & Prepared, ...args: Parameters<Calls['write']>): boolean {
  return callsOf(this).write.apply(this, args)
}

function callsOf(res: ServerResponse & Prepared): Pick<Calls, 'write' | 'end'> {
  const early = res[key]
  return early?.outermost?.holds ? early.outermost.calls : (early ?? res)
}
