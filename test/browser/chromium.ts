import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { expect, it } from 'vitest'

/** Where the real browser is; undefined if it is not installed. */
export const executablePath: string | undefined = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync)

if (!executablePath && process.env.KEEPSAKE_REQUIRE_SERVICES === '1') {
  it('needs chromium', () => expect.unreachable('chromium is not installed: apt-get install -y chromium'))
}

const options = {
  ...(executablePath && { executablePath }),
  // What the browser would look up on the internet at its start, and what it cannot do as root or without a display.
  args: [
    ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
    ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ],
  // Playwright turns off what keeps a page as it was left, for the back button.
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
}

/** A browser whose visitors leave nothing behind. */
export function launch(): Promise<Browser> {
  return chromium.launch(options)
}

/** A browser as somebody has it, with what it keeps in a folder: to be closed and opened again. */
export function launchWith(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, options)
}
