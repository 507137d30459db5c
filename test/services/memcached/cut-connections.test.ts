import { MemcacheClient } from 'memcache-client'
import { memcachedStore } from '../../../src/stores/memcached.ts'
import { oneTokenOrNone, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

describeWithService('memcached', address => {
  tellOfCuts('memcache-client', {
    servers: [address.port],
    async connect([port]) {
      const far = new MemcacheClient({ server: `127.0.0.1:${port}` })
      return { store: memcachedStore(far, { onWarning: () => undefined }), close: () => far.shutdown() }
    },
    direct: { type: 'memcached', address },
    status: [503],
    valid: oneTokenOrNone,
  })
})
