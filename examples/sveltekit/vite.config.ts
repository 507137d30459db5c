import adapter from '@sveltejs/adapter-node'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

// Where the site is. SvelteKit compares it with what browsers say of the page that a form was on.
const origin = process.env.ORIGIN ?? 'http://localhost:3000'

export default defineConfig({ plugins: [sveltekit({ adapter: adapter(), paths: { origin } })] })
