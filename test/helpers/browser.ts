/** A real Chromium, without a window, that reaches nothing but loopback. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { onTestFinished } from 'vitest'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

function findBrowser(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env
  if (CHROMIUM_PATH !== undefined) return CHROMIUM_PATH
  const installed = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [...installed, ...APPLICATIONS].find((path) => existsSync(path))
}

const path = findBrowser()

/** Why there is no browser to test with; undefined: there is one. */
export const browserIsMissing: string | undefined =
  path === undefined ? 'there is no Chromium: install it, or name it in CHROMIUM_PATH' : undefined

/** A name whose owner makes it resolve to this machine, */
export const EVIL_NAME = 'evil.test'
/** and where to: an address at which nobody else listens. */
export const EVIL_ADDRESS = process.platform === 'linux' ? '127.0.0.2' : '::1'

/** Closed when the test ends. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    ...(path === undefined ? {} : { executablePath: path }),
    args: [
      `--host-resolver-rules=MAP ${EVIL_NAME} ${EVIL_ADDRESS.includes(':') ? `[${EVIL_ADDRESS}]` : EVIL_ADDRESS},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1`,
      '--autoplay-policy=no-user-gesture-required',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
  onTestFinished(() => browser.close())
  return browser
}

/**
 * Where pages may reach this machine wherever they are from: Chromium asks its user about that, and the node must not depend on
 * who answers how.
 */
export function openContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ permissions: ['local-network-access'] })
}
