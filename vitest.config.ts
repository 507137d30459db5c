import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** What starts servers: the global set-up ends them. */
const serviceTests = ['test/services/**/*.test.ts', 'test/django/**/*.test.ts']

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: ['default', './test/count-reporter.ts'],
    // Two test files at a time: some start servers and processes of their own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,test,demo,bench}/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...serviceTests],
          typecheck: { enabled: true, include: ['{src,test}/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'services',
          include: serviceTests,
          globalSetup: 'test/services/global-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
export default config
