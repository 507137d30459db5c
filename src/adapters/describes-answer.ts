const names =
  /^(content-(disposition|encoding|language|length|location|range|type)|transfer-encoding|trailer|etag|last-modified|location|refresh|clear-site-data|cache-control|expires|accept-ranges)$/i

/** Whether a header describes the answer, which is dropped when the session cannot be saved: it would spoil the error answer. */
export function describesAnswer(header: string): boolean {
  return names.test(header)
}
