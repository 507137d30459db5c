import { describeWithService } from '../describe-with-service.ts'
import { countsRight, endsForGood, keepsBoth } from '../promises.ts'

describeWithService('memcached', address => {
  countsRight({ type: 'memcached', address })
  keepsBoth({ type: 'memcached', address })
  endsForGood({ type: 'memcached', address })
})
