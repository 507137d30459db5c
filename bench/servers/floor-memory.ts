import { expressApp } from './express-app.ts'
import { leastRoutes } from './least.ts'
import { serve } from './serve.ts'
import { nextText } from './visitor.ts'

const records = new Map<string, string>()
const text = nextText()

const routes = leastRoutes(
  id => records.get(id) ?? text,
  (id, changed) => records.set(id, changed),
)
serve(expressApp([], routes))
