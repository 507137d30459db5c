import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileEngine } from '../../src/django/sessions/file-engine.ts'
import { signedCookiesEngine } from '../../src/django/sessions/signed-cookies-engine.ts'
import { describeWithDjango } from './django-site.ts'
import { tellOfSharedLogins, tellOfSharedSessions } from './stories.ts'
import { startTogether } from './together.ts'

describeWithDjango('engine file', [], () => {
  const sites = startTogether(directory => {
    const path = join(directory, 'sessions')
    mkdirSync(path)
    const settings = { SESSION_ENGINE: 'django.contrib.sessions.backends.file', SESSION_FILE_PATH: path }
    return { settings, engine: () => fileEngine(path) }
  })
  tellOfSharedSessions(sites)
  tellOfSharedLogins(sites)
})

describeWithDjango('engine signed_cookies', [], () => {
  const settings = { SESSION_ENGINE: 'django.contrib.sessions.backends.signed_cookies' }
  const sites = startTogether(() => ({ settings, engine: () => signedCookiesEngine() }))
  tellOfSharedSessions(sites, { inCookie: true })
  tellOfSharedLogins(sites, { inCookie: true })
})
