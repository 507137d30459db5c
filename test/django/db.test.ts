import { dbEngine } from '../../src/django/sessions/db-engine.ts'
import { describeWithDjango } from './django-site.ts'
import { tellOfSharedLogins, tellOfSharedSessions } from './stories.ts'
import { startTogether } from './together.ts'

describeWithDjango('engine db on SQLite', [], () => {
  const sites = startTogether(() => ({ settings: {}, engine: database => dbEngine(database) }))
  tellOfSharedSessions(sites)
  tellOfSharedLogins(sites)
})
