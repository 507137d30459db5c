import { describeWithService } from '../describe-with-service.ts'
import { countsRight, endsForGood } from '../promises.ts'

describeWithService('memcached', address => {
  countsRight({ type: 'memcached', address })
  endsForGood({ type: 'memcached', address })
})
