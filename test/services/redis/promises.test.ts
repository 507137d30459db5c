import { describe } from 'vitest'
import { describeWithService } from '../describe-with-service.ts'
import { countsRight, endsForGood, keepsBoth } from '../promises.ts'
import { clientsOfOne } from './clients.ts'

/** The clients through which four processes count; the pool has the same way of sending commands as one of them. */
const counting = ['createClient of node-redis', 'Redis of ioredis']

describeWithService('redis', address => {
  describe.each(Object.keys(clientsOfOne))('through %s', client => {
    if (counting.includes(client)) countsRight({ type: 'redis', client, nodes: [address] })
    keepsBoth({ type: 'redis', client, nodes: [address] })
    endsForGood({ type: 'redis', client, nodes: [address] })
  })
})
