import { describe } from 'vitest'
import { describeWithService } from '../describe-with-service.ts'
import { countsRight, endsForGood, keepsBoth } from '../promises.ts'
import { clientsOfCluster } from './clients.ts'

describeWithService('redis-cluster', nodes => {
  describe.each(Object.keys(clientsOfCluster))('through %s', client => {
    countsRight({ type: 'redis', client, nodes })
    keepsBoth({ type: 'redis', client, nodes })
    endsForGood({ type: 'redis', client, nodes })
  })
})
