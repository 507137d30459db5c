import { MemcacheClient } from 'memcache-client'
import { afterAll } from 'vitest'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import { type CutSubject, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

const quiet = { onWarning: () => undefined }

/** A rotation takes three steps: one that is cut between the second and the third leaves neither record, and never both. */
const left: CutSubject['left'] = {
  '/count': [1],
  '/login': [0, 1],
  '/rotate': [0, 1],
  '/logout': [0, 1],
  nowhere: [0],
}

describeWithService('memcached', ({ host, port }) => {
  const client = new MemcacheClient({ server: `${host}:${port}` })
  afterAll(() => client.shutdown())
  const direct = memcachedStore(client, quiet)
  tellOfCuts('memcache-client', {
    servers: [port],
    async connect([farPort]) {
      const farClient = new MemcacheClient({ server: `127.0.0.1:${farPort}` })
      return { store: memcachedStore(farClient, quiet), close: () => farClient.shutdown() }
    },
    direct: () => direct,
    status: [503],
    left,
  })
})
