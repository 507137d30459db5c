import type { ServerResponse } from 'node:http'
import { innermostHolder } from './early-calls.ts'

// What starts an answer, goes on with it, or ends it.
export type Calls = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>

// One answer of the program, from its first call to its `end`. A dropped one is followed by another: the error answer.
export interface Answer {
  ended: boolean
  dropped: boolean
}

// Who holds a response back. Without an answer, a call is one of the first answer's.
export interface Holder {
  readonly holds: boolean
  // There is something to be saved before the response ends.
  readonly savesAtEnd: boolean
  // Why the first answer was dropped.
  readonly failure: { readonly error: unknown } | undefined
  // Whether a call brings a body behind an end that waits. Whoever waits for it is told.
  isSecond(args: readonly unknown[]): boolean
  // Saves it, and then makes this call, which ends the response.
  endLater(end: () => void, args: readonly unknown[]): void
  // Middleware that lies between has made up its mind about an answer that may be dropped, such as to compress it.
  headCameFromBelow: boolean
  // What the program is to call, and what that calls.
  readonly calls: Calls
  readonly native: Calls
  writeHead(args: Parameters<Calls['writeHead']>, answer?: Answer): ServerResponse
  write(args: Parameters<Calls['write']>, answer?: Answer): boolean
  end(args: Parameters<Calls['end']>, answer?: Answer): ServerResponse
  flushHeaders(answer?: Answer): void
}

// What the program calls for the first answer of the first who holds the response back: the same functions for all responses, since
// nearly every answer is of that kind.
export const firstCalls: Calls = {
  writeHead(this: ServerResponse, ...args: Parameters<Calls['writeHead']>): ServerResponse {
    return innermostHolder(this).writeHead(args)
  },
  write(this: ServerResponse, ...args: Parameters<Calls['write']>): boolean {
    return innermostHolder(this).write(args)
  },
  end(this: ServerResponse, ...args: Parameters<Calls['end']>): ServerResponse {
    return innermostHolder(this).end(args)
  },
  flushHeaders(this: ServerResponse): void {
    innermostHolder(this).flushHeaders()
  },
} as Calls

// What the program calls for any other answer. Once that is dropped, they do nothing for whoever kept them.
export function callsFor(holder: Holder, answer: Answer): Calls {
  const calls = {
    writeHead: (...args: Parameters<Calls['writeHead']>) => holder.writeHead(args, answer),
    write: (...args: Parameters<Calls['write']>) => holder.write(args, answer),
    end: (...args: Parameters<Calls['end']>) => holder.end(args, answer),
    flushHeaders: () => holder.flushHeaders(answer),
  }
  return calls as Calls
}

// The last part of a body, where `end` has one.
export function chunkOf([chunk]: readonly unknown[]): unknown {
  return typeof chunk === 'function' ? undefined : chunk
}

// Puts them on a response.
export function install(res: ServerResponse, { writeHead, write, end, flushHeaders }: Calls): void {
  res.writeHead = writeHead
  res.write = write
  res.end = end
  res.flushHeaders = flushHeaders
}
