import { fileURLToPath } from 'node:url'
import express, { type Express } from 'express'
import { expressSessions } from 'keepsake/express'
import { refuseCrossSite, securityHeaders } from './guard.ts'
import { accountPage } from './pages/account.ts'
import { cartPage } from './pages/cart.ts'
import { errorPage, notFound } from './pages/error.ts'
import { homePage } from './pages/home.ts'
import { insidePage } from './pages/inside.ts'
import { loginPage } from './pages/login.ts'
import { passwordPage } from './pages/password.ts'
import { preferencesPage } from './pages/preferences.ts'
import { signUpPage } from './pages/sign-up.ts'
import { staffPage } from './pages/staff.ts'
import type { Site } from './sessions.ts'

/** The site as an Express app. The order is that of a request's way through it. */
export function createApp(site: Site): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(securityHeaders)
  // The style sheet never asks for a session, and so costs none.
  app.use(express.static(fileURLToPath(new URL('public', import.meta.url))))
  app.use(express.urlencoded({ extended: false, limit: '2kb' }))
  app.use(expressSessions(site.sessions))
  app.use(refuseCrossSite(site))
  app.use(homePage(site), cartPage(site), preferencesPage(site), insidePage(site))
  app.use(signUpPage(site), loginPage(site), accountPage(site), passwordPage(site), staffPage(site))
  app.use(notFound, errorPage(site))
  return app
}
