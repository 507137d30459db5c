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

// Responses with a status that nobody has set.
const withoutStatus = new WeakSet<ServerResponse>()

// Gives a response the status 500 until somebody sets one, be it the same.
export function suggestFailure(res: ServerResponse): void {
  const own = Object.getOwnPropertyDescriptor(res, 'statusCode')
  // Tracing and serverless layers have an accessor there, which may not be taken away and wants to be told.
  if (own?.set || own?.configurable === false || !Object.isExtensible(res)) {
    res.statusCode = 500
    return
  }
  const set = (status: number): void => {
    withoutStatus.delete(res)
    Reflect.deleteProperty(res, 'statusCode')
    res.statusCode = status
  }
  withoutStatus.add(res)
  Object.defineProperty(res, 'statusCode', { get: () => 500, set, configurable: true })
}

// How a response stands: another text when somebody has begun an answer on it.
export function standOf(res: ServerResponse): string {
  return `${withoutStatus.has(res) || res.statusCode} ${res.getHeaderNames()}`
}
