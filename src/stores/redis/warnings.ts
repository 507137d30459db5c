import type { RedisConnection } from './connection.ts'

/**
 * A function that looks at the server's settings when it is first called, and says what is wrong with them. It neither waits
 * nor fails: a server that does not tell is taken for right.
 */
export function warnOnce(connection: RedisConnection, onWarning: (warning: string) => void): () => void {
  let asked = false
  return () => {
    if (asked) return
    asked = true
    evictionWarning(connection)
      .then(warning => warning && onWarning(`Keepsake: ${warning}`))
      .catch(() => undefined)
  }
}

/** Asks INFO, which is allowed on many servers where CONFIG is not. */
async function evictionWarning({ send }: RedisConnection): Promise<string | null> {
  const info = String(await send(undefined, ['INFO', 'memory']))
  const [, policy] = /^maxmemory_policy:(\S+)/m.exec(info) ?? []
  const isLimited = /^maxmemory:[1-9]/m.test(info)
  if (!policy || !isLimited || policy === 'noeviction') return null
  return `This Redis drops live sessions when its memory is full (maxmemory-policy ${policy}): people are logged out at random, and revokeAll may miss some. Set maxmemory-policy to noeviction. Where a cache needs another policy, give sessions a server of their own.`
}
