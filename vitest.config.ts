import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{src,test,demo}/**/*.test.ts'],
    typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    reporters: ['default', './test/count-reporter.ts'],
    // Two test files at a time: some start servers and processes of their own.
    maxWorkers: 2,
    testTimeout: 20_000,
  },
})
export default config
