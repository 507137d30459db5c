import type { NextConfig } from 'next'

const config: NextConfig = {
  // This folder, and not a lock file above it, is where the app begins.
  turbopack: { root: import.meta.dirname },
}
export default config
