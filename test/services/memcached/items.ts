import { ask } from '../line-protocol.ts'

/** All items that a Memcached has, as it sends them: `VALUE <key> …`, and the value. */
export async function itemsIn(port: number): Promise<string[]> {
  const keys = (await dump(port)).matchAll(/^key=(\S+)/gm)
  return Promise.all(Array.from(keys, ([, key = '']) => ask(port, `get ${decodeURIComponent(key)}`, 'END\r\n')))
}

/** The server looks through its items by itself too, and refuses to do it for another meanwhile. */
async function dump(port: number): Promise<string> {
  for (;;) {
    try {
      return await ask(port, 'lru_crawler metadump all', 'END\r\n')
    } catch (error) {
      if (!String(error).includes('BUSY')) throw error
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }
}
