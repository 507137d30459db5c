import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** The Fetch standard's last blocked port is 10080: `fetch` reaches no server there. Above 32768, outgoing connections get theirs. */
const [first, end] = [10_081, 32_768]

/** A port that nobody listens on, that no outgoing connection will be given before the server is up, and that `fetch` can reach. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(first, end)
    const probe = createServer().listen(port, '127.0.0.1')
    const isFree = await once(probe, 'listening').then(
      () => true,
      () => false,
    )
    probe.close()
    if (isFree) return port
  }
}
