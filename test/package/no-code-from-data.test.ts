import { expect, it } from 'vitest'
import { codeLines, sourceFiles } from './source-files.ts'

const makesCode = /\beval\(|\bnew Function\b|\bFunction\(|['"](node:)?(vm|v8)['"]|\bdeserialize\(|\bimport\([^'"]/

it('CVE-2018-15133, CVE-2019-5420, CVE-2016-4437: nothing in the package makes code or objects of classes from data', () => {
  for (const line of ["eval('1')", "new Function('x')", "from 'node:v8'", 'v8.deserialize(bytes)', 'import(name)']) {
    expect(line).toMatch(makesCode)
  }
  const found = sourceFiles.flatMap(file =>
    codeLines(file)
      .filter(line => makesCode.test(line))
      .map(line => `${file}: ${line.trim()}`),
  )
  expect(found).toEqual([])
})
