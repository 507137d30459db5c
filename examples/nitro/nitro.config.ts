import { defineConfig } from 'nitro'

export default defineConfig({ serverDir: './server', compatibilityDate: '2026-11-01' })
