import { describe, it } from 'vitest'
import { describeUserStore } from '../../testing/describe-user-store.ts'
import { memoryUsers } from './memory-users.ts'

describeUserStore('memoryUsers', () => memoryUsers(), { describe, it, groups: true })
