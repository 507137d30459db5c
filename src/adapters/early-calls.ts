import type { ServerResponse } from 'node:http'
import type { Calls, Holder } from './held-calls.ts'
import { hasEnded } from './looks.ts'
import { giveUp } from './waiting-calls.ts'

const key: unique symbol = Symbol('keepsake')

// Node's own functions, or those of middleware, and who holds the response back by now: several do where there are several `Sessions`.
interface Early extends Pick<Calls, 'writeHead' | 'write' | 'end'> {
  // The innermost first.
  holders: Holder[] | undefined
}

interface Prepared {
  [key]?: Early
}

// In `res.end(await page(req))`, JavaScript takes the function `res.end` before it computes the argument, so before the page asks
// for the session and the response is held back. What it takes is therefore this from the start, which asks who holds it.
export function prepareForEarlyCalls(res: ServerResponse & Prepared): void {
  if (res[key]) return
  res[key] = { writeHead: res.writeHead, write: res.write, end: res.end, holders: undefined }
  res.writeHead = writeHead as Calls['writeHead']
  res.end = end as Calls['end']
  res.write = write as Calls['write']
}

// Notes who holds back a response that is prepared. True for the first one.
export function holdEarlyCalls(res: ServerResponse & Prepared, holder: Holder): boolean {
  const early = res[key] as Early
  early.holders?.push(holder)
  early.holders ??= [holder]
  return early.holders.length === 1
}

// The first who held back a response that is held back.
export function innermostHolder(res: ServerResponse & Prepared): Holder {
  return res[key]?.holders?.[0] as Holder
}

function writeHead(this: ServerResponse & Prepared, ...args: Parameters<Calls['writeHead']>): ServerResponse {
  const { holders, writeHead: native } = this[key] as Early
  if (isFree(holders)) return native.apply(this, args)
  // Over HTTP/2, an end without a body makes the head when it counts as ended already.
  if (this.headersSent && isLeftover(this, holders)) return this
  const holder = holderAmong(holders)
  if (!holder) return native.apply(this, args)
  if (holders?.length === 1) holder.headCameFromBelow ||= holder.native.writeHead !== writeHead
  return holder.calls.writeHead.apply(this, args)
}

function write(this: ServerResponse & Prepared, ...args: Parameters<Calls['write']>): boolean {
  const { holders, write: native } = this[key] as Early
  if (isLeftover(this, holders, args)) return true
  return (holderAmong(holders)?.calls.write ?? native).apply(this, args)
}

function end(this: ServerResponse & Prepared, ...args: Parameters<Calls['end']>): ServerResponse {
  const { holders, end: native } = this[key] as Early
  if (isFree(holders)) return native.apply(this, args)
  if (isLeftover(this, holders, args)) return this
  const holder = holderAmong(holders)
  if (holder) return holder.calls.end.apply(this, args)
  const unsaved = holders?.find(({ savesAtEnd }) => savesAtEnd)
  if (!unsaved) return native.apply(this, args)
  // What comes behind a dropped answer is the error answer.
  if (!holders?.some(({ failure }) => failure) && unsaved.isSecond(args)) return this
  unsaved.endLater(() => end.apply(this, args), args)
  return this
}

// Whether nobody has anything to do with a call any more. So it is in nearly every answer, once its head is decided.
function isFree(holders: readonly Holder[] | undefined): boolean {
  const [holder] = holders ?? []
  return !holder || (holders?.length === 1 && !holder.holds && !holder.savesAtEnd && !holder.failure)
}

// Whether a call comes after the whole error answer: then it is one of the answer that was dropped, and Node would crash on it.
function isLeftover(res: ServerResponse, holders: Holder[] | undefined, args: readonly unknown[] = []): boolean {
  const failure = hasEnded(res) && holders?.find(holder => holder.failure)?.failure
  if (failure) giveUp(args, failure.error)
  return Boolean(failure)
}

// The outermost who holds the response back now.
function holderAmong(holders: Holder[] | undefined): Holder | undefined {
  return holders?.findLast(({ holds }) => holds)
}
