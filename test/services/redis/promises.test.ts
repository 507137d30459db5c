import { describe } from 'vitest'
import { describeWithService } from '../describe-with-service.ts'
import { countsRight, endsForGood } from '../promises.ts'
import { clientsOfCluster, clientsOfOne } from './clients.ts'

/** The clients through which four processes count; the other ones have the same way of sending commands. */
const counting = ['createClient of node-redis', 'Redis of ioredis', 'createCluster of node-redis']

describeWithService('redis', address => {
  describe.each(Object.keys(clientsOfOne))('through %s', client => {
    if (counting.includes(client)) countsRight({ type: 'redis', client, nodes: [address] })
    endsForGood({ type: 'redis', client, nodes: [address] })
  })
})

describeWithService('redis-cluster', nodes => {
  describe.each(Object.keys(clientsOfCluster))('through %s', client => {
    if (counting.includes(client)) countsRight({ type: 'redis', client, nodes })
    endsForGood({ type: 'redis', client, nodes })
  })
})
