import { type OutgoingHttpHeader, ServerResponse } from 'node:http'

const names =
  /^(content-(digest|disposition|encoding|language|length|location|md5|range|type)|(repr-)?digest|transfer-encoding|trailer|etag|last-modified|location|refresh|clear-site-data|cache-control|expires|accept-ranges|x-accel-redirect|x-sendfile)$/i

// Whether a header describes the answer, which is dropped when the session cannot be saved: it would spoil the error answer.
export function describesAnswer(header: string): boolean {
  return names.test(header)
}

// Leaves a response nothing that describes the dropped answer, and of its cookies those of the program.
export function stripAnswer(res: ServerResponse, cookies: OutgoingHttpHeader | undefined): void {
  for (const name of res.getHeaderNames()) if (describesAnswer(name)) res.removeHeader(name)
  // Over HTTP/1.1 these take the place of all others.
  res.addTrailers?.({})
  if (cookies === undefined) res.removeHeader('Set-Cookie')
  else res.setHeader('Set-Cookie', cookies)
  if (res instanceof ServerResponse) Reflect.deleteProperty(res, 'statusMessage')
}

// Gives a response this status until somebody sets one, be it the same.
export function suggestStatus(res: ServerResponse, status: number): void {
  const set = (own: number): void => {
    Reflect.deleteProperty(res, 'statusCode')
    res.statusCode = own
  }
  Object.defineProperty(res, 'statusCode', { get: () => status, set, configurable: true })
}

function isSuggested(res: ServerResponse): boolean {
  return Object.getOwnPropertyDescriptor(res, 'statusCode')?.get !== undefined
}

// How a response stands: another text when somebody has begun an answer on it.
export function standOf(res: ServerResponse): string {
  return `${isSuggested(res) || res.statusCode} ${res.getHeaderNames()}`
}
