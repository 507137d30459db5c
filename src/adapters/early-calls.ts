import type { ServerResponse } from 'node:http'

type Calls = Pick<ServerResponse, 'write' | 'end'>

/** Who holds a response back, and what its program is to call meanwhile. */
interface Holder {
  readonly holds: boolean
  readonly calls: Calls
}

const key: unique symbol = Symbol('keepsake')

interface Prepared {
  [key]?: { readonly native: Calls; holder: Holder | undefined }
}

/**
 * In `res.end(await page(req))`, JavaScript takes the function `res.end` before it computes the argument, so before the page asks
 * for the session and the response is held back. What it takes is therefore this from the start, which asks who holds it.
 */
export function prepareForEarlyCalls(res: ServerResponse & Prepared): void {
  if (res[key]) return
  res[key] = { native: { end: res.end, write: res.write }, holder: undefined }
  res.end = end as Calls['end']
  res.write = write as Calls['write']
}

export function holdEarlyCalls(res: ServerResponse & Prepared, holder: Holder): void {
  const prepared = res[key]
  if (prepared) prepared.holder = holder
}

function end(this: ServerResponse & Prepared, ...args: Parameters<Calls['end']>): ServerResponse {
  return callsOf(this).end.apply(this, args)
}

function write(this: ServerResponse & Prepared, ...args: Parameters<Calls['write']>): boolean {
  return callsOf(this).write.apply(this, args)
}

function callsOf(res: ServerResponse & Prepared): Calls {
  const { native = res, holder } = res[key] ?? {}
  return holder?.holds ? holder.calls : native
}
