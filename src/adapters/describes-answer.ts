import { type OutgoingHttpHeader, ServerResponse } from 'node:http'

const names =
  /^(content-(digest|disposition|encoding|language|length|location|md5|range|type)|(repr-)?digest|transfer-encoding|trailer|etag|last-modified|location|refresh|clear-site-data|cache-control|expires|accept-ranges|x-accel-redirect|x-sendfile)$/i

// Whether a header describes the answer, which is dropped when the session cannot be saved: it would spoil the error answer.
export function describesAnswer(header: string): boolean {
  return names.test(header)
}

// The status of a response over HTTP/2 that has none, since it cannot be taken back there. Nobody sets this one, and Node takes it.
const noStatus = 599

// Leaves a response nothing that describes the dropped answer, and of its cookies those of the program.
export function stripAnswer(res: ServerResponse, cookies: OutgoingHttpHeader | undefined): void {
  for (const name of res.getHeaderNames()) if (describesAnswer(name)) res.removeHeader(name)
  // Over HTTP/1.1 these take the place of all others.
  res.addTrailers?.({})
  if (cookies === undefined) res.removeHeader('Set-Cookie')
  else res.setHeader('Set-Cookie', cookies)
  // A program's error handler may look at the status, and finds 200, as where it has thrown before it answered.
  if (res instanceof ServerResponse)
    for (const name of ['statusCode', 'statusMessage']) Reflect.deleteProperty(res, name)
  else Object.assign(res, { statusCode: noStatus })
}

// Whether somebody has set a status since.
export function hasStatus(res: ServerResponse): boolean {
  return res instanceof ServerResponse
    ? Object.hasOwn(res, 'statusCode')
    : (res as ServerResponse).statusCode !== noStatus
}

// How a response stands: another text when somebody has begun an answer on it.
export function standOf(res: ServerResponse): string {
  return `${hasStatus(res) && res.statusCode} ${res.getHeaderNames()}`
}
