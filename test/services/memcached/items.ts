import { ask } from '../line-protocol.ts'

/** All items that a Memcached has, as it sends them: `VALUE <key> …`, and the value. */
export async function itemsIn(port: number): Promise<string[]> {
  const keys = (await ask(port, 'lru_crawler metadump all', 'END\r\n')).matchAll(/^key=(\S+)/gm)
  return Promise.all(Array.from(keys, ([, key = '']) => ask(port, `get ${decodeURIComponent(key)}`, 'END\r\n')))
}
