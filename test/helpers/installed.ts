/** The packages as they would be published, in a folder of their own: nothing of the workspace but what they declare. Needs `tsc -b`. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, readdir, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const PACKAGES = ['node', 'cli'] as const

/** @returns the folder in which `shoal` is, as npm puts it there */
export async function install(into: string): Promise<string> {
  const packed = join(into, 'packed')
  const modules = join(into, 'node_modules')
  const bin = join(modules, '.bin')
  await mkdir(packed, { recursive: true })
  await mkdir(bin, { recursive: true })
  for (const name of PACKAGES) {
    const folder = join(ROOT, 'packages', name)
    const flags = ['--ignore-scripts', '--silent', '--pack-destination', packed]
    execFileSync('npm', ['pack', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
    const archive = (await readdir(packed)).find((file) => file.startsWith(`shoal-${name}-`)) ?? ''
    const there = join(modules, '@shoal', name)
    await mkdir(there, { recursive: true })
    execFileSync('tar', ['-xzf', join(packed, archive), '-C', there, '--strip-components=1'])
    await linkDependencies(there, folder, modules)
  }
  await symlink('../@shoal/cli/bin/shoal.js', join(bin, 'shoal'))
  return bin
}

/** In place of a registry: what the workspace has. What those need themselves they find beside them. */
async function linkDependencies(there: string, folder: string, modules: string): Promise<void> {
  const text = await readFile(join(there, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> }
  for (const name of Object.keys(dependencies)) {
    const link = join(modules, name)
    if (name.startsWith('@shoal/') || existsSync(link)) continue
    const places = [folder, ROOT].map((place) => join(place, 'node_modules', name))
    const place = places.find((each) => existsSync(each))
    if (place === undefined) throw new Error(`${name} is declared and not installed`)
    await mkdir(dirname(link), { recursive: true })
    await symlink(place, link)
  }
}
