/**
 * Looks at the packages as they would be published: publint, the files that people expect, and programs in a README that
 * are to be those of examples/. `--write` puts the programs into the README.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

const ROOT = join(import.meta.dirname, '..')
const PACKAGES = ['packages/node', 'packages/cli']
const EXPECTED = ['LICENSE', 'README.md', 'package.json']
const EXAMPLE = /(<!-- example: (\S+) -->\n)[^]*?(<!-- \/example -->)/g

const faults: string[] = []

for (const folder of PACKAGES) {
  const pkgDir = join(ROOT, folder)
  const { messages, pkg } = await publint({ pkgDir, strict: true, level: 'suggestion' })
  for (const message of messages) {
    faults.push(`${folder}: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
  }
  const files = packedFiles(pkgDir)
  for (const name of EXPECTED) if (!files.includes(name)) faults.push(`${folder}: ${name} is not published`)
  for (const name of files.filter((it) => /(^|\/)test\/|tsbuildinfo/.test(it))) {
    faults.push(`${folder}: ${name} is published`)
  }
  if (readFileSync(join(pkgDir, 'LICENSE'), 'utf8') !== readFileSync(join(ROOT, 'LICENSE'), 'utf8')) {
    faults.push(`${folder}: its LICENSE is not that of the repository`)
  }
  checkReadme(join(pkgDir, 'README.md'), folder)
}

function packedFiles(folder: string): string[] {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const text = execFileSync(npm, ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  })
  // npm 12 names each package, older ones list them.
  const [packed] = Object.values(JSON.parse(text) as Record<string, { files: { path: string }[] }>)
  return (packed?.files ?? []).map(({ path }) => path)
}

function checkReadme(path: string, folder: string): void {
  const text = readFileSync(path, 'utf8')
  const wanted = text.replaceAll(EXAMPLE, (_, begin: string, file: string, end: string) => {
    return `${begin}\n\`\`\`ts\n${readFileSync(join(ROOT, file), 'utf8')}\`\`\`\n\n${end}`
  })
  if (wanted === text) return
  if (process.argv.includes('--write')) writeFileSync(path, wanted)
  else faults.push(`${folder}: README.md differs from examples/: node scripts/check-publish.ts --write`)
}

for (const fault of faults) console.error(fault)
console.log(`${PACKAGES.length} packages, ${faults.length} faults`)
if (faults.length > 0) process.exitCode = 1
