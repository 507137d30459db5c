import type { Request, Response } from 'express'
import { getIronSession, type IronSession } from 'iron-session'
import { expressApp, userOf } from './express-app.ts'
import { serve } from './serve.ts'
import { type Visitor, visitorNamed } from './visitor.ts'

const options = { cookieName: 'iron', password: 'a secret of thirty-two characters', ttl: 14 * 86_400 }
const sessionOf = (req: Request, res: Response): Promise<IronSession<Visitor>> => getIronSession(req, res, options)

const app = expressApp([], {
  async login(req, res) {
    const session = await sessionOf(req, res)
    Object.assign(session, visitorNamed(userOf(req)))
    await session.save()
    res.send('in')
  },
  async read(req, res) {
    const session = await sessionOf(req, res)
    res.send(session.user)
  },
  async write(req, res) {
    const session = await sessionOf(req, res)
    session.visits = (session.visits ?? 0) + 1
    await session.save()
    res.send(String(session.visits))
  },
})
serve(app)
