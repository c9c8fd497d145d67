/**
 * Holds docs/api.md to the public API of `@shoal/node` and its docstrings: fails when the document differs; `--write` writes
 * it. A script of our own, since typedoc and api-extractor bring a compiler of theirs and do not run on TypeScript 7.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ROOT, exportsOf, type Declaration, type Docs, type Member } from './public-api.ts'

const DOCUMENT = join(ROOT, 'docs/api.md')

const HEAD = `# API of @shoal/node

Written from the sources by \`npm run docs:api\`; \`npm run check\` fails when it is out of date. How to begin is in the
[README](../packages/node/README.md) of the package, whole programs are in [examples](../examples/README.md), codes of errors and
warnings in [errors](errors.md).

Sizes are bytes, times are milliseconds where a name ends in \`Ms\` and seconds where it says so. Paths are those of this
machine, in a share names joined by \`/\`. Addresses are [multiaddrs](https://multiformats.io/multiaddr/).
`

interface Section {
  readonly title: string
  readonly holds: (declaration: Declaration) => boolean
}

const isIn =
  (...files: readonly string[]) =>
  (it: Declaration) =>
    files.some((file) => it.file.startsWith(`packages/node/src/${file}`))

/** The first that holds a declaration gets it. */
const SECTIONS: readonly Section[] = [
  { title: 'Start', holds: ({ name }) => name === 'createNode' },
  { title: 'The node', holds: isIn('shoal-node.ts') },
  { title: 'Spaces', holds: isIn('shoal-spaces.ts', 'spaces/') },
  { title: 'Options of a node', holds: isIn('options.ts') },
  { title: 'Errors', holds: isIn('errors.ts') },
  { title: 'Events', holds: isIn('events.ts', 'events/') },
  { title: 'Options and results of operations', holds: () => true },
]

/** What has methods of its own, and what it is called where it is used. */
const CALLED: Readonly<Record<string, string>> = {
  ShoalNode: 'node',
  Spaces: 'node.spaces',
  SpaceHandle: 'space',
}

const api = exportsOf(['index.ts'])
const names = new Set(api.map(({ name }) => name))

function sectionOf(declaration: Declaration): Section | undefined {
  return SECTIONS.find(({ holds }) => holds(declaration))
}

function describe(declaration: Declaration): string {
  const { name, kind, docs, source, bases, members } = declaration
  const parts = [`### ${name}`, docs.text]
  const called = CALLED[name]
  if (called !== undefined) parts.push(...members.map((member) => describeMethod(called, member)))
  else if (kind === 'interface') parts.push(...extending(bases), tableOf(members))
  else if (name === 'ERRORS') parts.push('`{ exit, hint }` by code: [errors](errors.md).')
  else parts.push(code(kind === 'class' ? signaturesIn(source) : withoutExport(source)))
  parts.push(...tagsOf(docs))
  return parts.filter((part) => part !== '').join('\n\n')
}

function describeMethod(called: string, { name, type, docs }: Member): string {
  const parts = [`#### ${called}.${name}`, docs.text, code(`${name}: ${type}`), ...tagsOf(docs)]
  return parts.filter((part) => part !== '').join('\n\n')
}

function extending(bases: readonly string[]): string[] {
  const others = bases.flatMap((base) => {
    const [, name = base, left] = /^Omit<(\w+), (.+)>$/.exec(base) ?? []
    if (!names.has(name)) return []
    return left === undefined
      ? linked(name)
      : `${linked(name)} but ${left.replaceAll("'", '`').split(' | ').join(' and ')}`
  })
  return others.length === 0 ? [] : [`All of ${others.join(', ')}, and:`]
}

function tableOf(members: readonly Member[]): string {
  const rows = members.map(({ name, type, isOptional, docs }) => {
    const standard = docs.tags.find((tag) => tag.name === 'defaultValue')?.text
    const meaning = [docs.text, ...(standard === undefined ? [] : [`Default: ${standard}.`])].join(' ')
    return `| \`${name}${isOptional ? '?' : ''}\` | ${typeCell(type)} | ${cell(meaning)} |`
  })
  return ['| member | type | meaning |', '| --- | --- | --- |', ...rows].join('\n')
}

function tagsOf({ tags }: Docs): string[] {
  return tags.flatMap(({ name, text }) => {
    if (name === 'param') return [`\`${text.split(' ')[0]}\`: ${text.split(' ').slice(1).join(' ')}`]
    if (name === 'throws') return [`Throws: ${text}`]
    if (name === 'example') return [code(text.trim())]
    return []
  })
}

function code(text: string): string {
  return `\`\`\`ts\n${text}\n\`\`\``
}

/** Public members of a class, bodies left out. */
function signaturesIn(source: string): string {
  const lines = source.split('\n').filter((line) => /^ {2}[a-z]/.test(line) || !line.startsWith(' '))
  return withoutExport(
    lines.map((line) => line.replace(/ \{$/, (end) => (line.startsWith(' ') ? '' : end))).join('\n'),
  )
}

function withoutExport(source: string): string {
  return source.replace(/^export (?:async )?/, '').trim()
}

function typeCell(type: string): string {
  const [only] = [...names].filter((name) => name === type.replace(/^readonly |\[\]$/g, ''))
  if (only !== undefined) return linked(only)
  const line = type.replaceAll(/([^{|\s])\n\s*(?=readonly )/g, '$1; ').replaceAll(/\s+/g, ' ')
  return `\`${line.replaceAll('|', '\\|')}\``
}

function linked(name: string): string {
  return `[${name}](#${name.toLowerCase()})`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function page(): string {
  const sections = SECTIONS.map((section) => {
    const held = api.filter((declaration) => sectionOf(declaration) === section)
    return [`## ${section.title}`, ...held.map((declaration) => describe(declaration))].join('\n\n')
  })
  return `${[HEAD.trim(), ...sections].join('\n\n')}\n`
}

const wanted = page()
if (process.argv.includes('--write')) writeFileSync(DOCUMENT, wanted)
const isCurrent = readFileSync(DOCUMENT, 'utf8') === wanted
if (!isCurrent) {
  console.error('docs/api.md differs from the sources: npm run docs:api')
  process.exitCode = 1
}
console.log(`${names.size} exports, ${isCurrent ? 0 : 1} faults`)
