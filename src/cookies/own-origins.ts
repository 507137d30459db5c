/** What `Host` is: a name or an address, and a port. */
const hostLike = /^[\w.:[\]-]+$/

/** This very machine: browsers trust plain http there (W3C Secure Contexts, section 3.1), and send `Secure` cookies over it. */
const thisMachine = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/

/**
 * The origins of a site's own pages, by the `Host` that was asked for. A proxy may have taken https off, so the request does not
 * tell which of the two schemes it is; but where cookies are `Secure`, a page that came over plain http is whoever's holds the line.
 */
export function ownOrigins(host: string | undefined, secure: boolean): string[] {
  const url = host !== undefined && hostLike.test(host) ? URL.parse(`https://${host}`) : null
  if (!url) return []
  const plain = !secure || thisMachine.test(url.hostname)
  return plain ? [url.origin, new URL(`http://${host}`).origin] : [url.origin]
}
