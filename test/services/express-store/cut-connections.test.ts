import { RedisStore } from 'connect-redis'
import { createClient } from 'redis'
import { expressStore } from '../../../src/stores/express-store.ts'
import { oneTokenOrNone, tellOfCuts } from '../cut-connections.ts'
import { describeWithService } from '../describe-with-service.ts'

describeWithService('redis', address => {
  tellOfCuts('connect-redis', {
    servers: [address.port],
    direct: { type: 'connect-redis', address },
    status: [503],
    // A rotation ends the old record first: such a store cannot do both at once.
    valid: oneTokenOrNone,
    async connect([port = 0]) {
      const socket = { host: '127.0.0.1', port, reconnectStrategy: 1 }
      const far = createClient({ socket }).on('error', () => undefined)
      await far.connect()
      return { store: expressStore(new RedisStore({ client: far })), close: () => far.destroy() }
    },
  })
})
