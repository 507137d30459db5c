import { readFileSync } from 'node:fs'
import { defineConfig, type UserConfig } from 'tsdown'

// One export path is one source file: what package.json exports is what is built.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const built = Object.values<{ default?: string }>(exports).flatMap(({ default: file }) => file ?? [])

const config: UserConfig = defineConfig({
  entry: built.map(file => file.replace('./dist/', 'src/').replace('.js', '.ts')),
  // The files of dist are those of src, one for one: who steps into the package finds what the repository shows.
  unbundle: true,
  root: 'src',
  platform: 'neutral',
  target: 'es2023',
  fixedExtension: false,
  dts: true,
  deps: { neverBundle: [/^[^./]/] },
})
export default config
