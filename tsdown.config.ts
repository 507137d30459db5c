import { readFileSync } from 'node:fs'
import { defineConfig, type UserConfig } from 'tsdown'

// One export path is one source file: what package.json exports is what is built.
const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const built = Object.values<{ default?: string }>(exports).flatMap(({ default: file }) => file ?? [])

const config: UserConfig = defineConfig({
  entry: Object.fromEntries(
    built.map(file => {
      const name = file.replace('./dist/', '').replace('.js', '')
      return [name, `src/${name}.ts`]
    }),
  ),
  platform: 'neutral',
  target: 'es2023',
  fixedExtension: false,
  dts: true,
  sourcemap: false,
  deps: { neverBundle: [/^[^./]/] },
})
export default config
