// Tries each part of the package on each runtime, and writes what was observed into docs/runtimes.md.
// Before that: npm run build. The runtimes are installed at the first time.
import { writeFileSync } from 'node:fs'
import { observe } from '../test/runtimes/observe.ts'
import { tableInPage, tableOf } from '../test/runtimes/table.ts'

const { page, pageWith } = tableInPage()
writeFileSync(page, pageWith(tableOf(await observe())))
