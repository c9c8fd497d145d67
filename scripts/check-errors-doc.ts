/**
 * Holds docs/errors.md, the code and the tests to the table of errors in `packages/node/src/errors.ts`:
 * `node scripts/check-errors-doc.ts` fails and prints a list when the document differs from the table, when a
 * code is never given out, when no test names it, or when the warnings of code and document differ;
 * `--write` first writes the table anew.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ERRORS, type ErrorCode } from '../packages/node/src/errors.ts'

const ROOT = join(import.meta.dirname, '..')
const DOCUMENT = join(ROOT, 'docs/errors.md')
const BEGIN = '<!-- errors: written by scripts/check-errors-doc.ts --write -->'
const END = '<!-- /errors -->'

/** What each code means; what to do about it is the table's own hint. A code without a line here does not compile. */
const MEANINGS = {
  ERR_CONTENT_GONE: 'A provider answers, but no longer shares this, or its files are gone or were changed.',
  ERR_CONTENT_INVALID: 'What came is not what the link promises, or what was shared is malformed.',
  ERR_CRYPTO_SELF_TEST: 'A hash or cipher of this runtime failed its self-test at the start.',
  ERR_DESTINATION_EXISTS:
    'Something else stands already where the result would, or another command is fetching it to there.',
  ERR_DISK: 'Reading or writing failed for a reason that has no code of its own.',
  ERR_DISK_FULL: 'The disk is full, or has less room than the content needs.',
  ERR_HOME_BUSY: 'Another process holds the home and does not answer on its socket.',
  ERR_HOME_INVALID: 'A file of the home is damaged or cannot be used.',
  ERR_INTERNAL: 'Something happened that Shoal does not expect.',
  ERR_INVITE_OVER:
    'The invitation was used up, revoked or has expired, or its issuer may not invite any more.',
  ERR_IS_FOLDER: 'A file was to be read, and what the path or the link names is a folder.',
  ERR_LIMIT:
    'Entries, depth, names or sizes are over a [limit](protocol/sealed.md#limits), or [patterns](patterns.md#limits) are.',
  ERR_LINK_CHECKSUM: 'The key in the link does not fit its checksum.',
  ERR_LINK_INCOMPLETE: 'The link names sealed content but its key is missing.',
  ERR_LINK_MALFORMED: 'The text is no link that Shoal reads.',
  ERR_LISTEN: 'None of the addresses can be listened on, or not the one of the control API.',
  ERR_NODE_STOPPED: 'The node that ran the operation was stopped.',
  ERR_NO_FETCH: 'The node knows no download in the background by the id that was given.',
  ERR_NO_NODE: 'The command asks a running node, and none runs on this home.',
  ERR_NO_PROVIDER: 'Nobody who has the content, or the part of it that is missing, answered in time.',
  ERR_NO_SPACE_KEY:
    'This device has not been given the key of the space under which this was or is to be sealed: not yet, or not any more. Or somebody has it who was put out, and no device that manages the space has made a new one yet.',
  ERR_NO_UPLOAD: 'There is no upload by the id that was given, or it is shared already.',
  ERR_NOT_AUTHORISED: 'A request to the control API has no valid token, or a foreign Host or Origin.',
  ERR_NOT_DAEMON:
    'What was to be stopped is part of another command or program, and no node in the background.',
  ERR_NOT_IN_SHARE: 'The share holds nothing under the path that was asked for.',
  ERR_NOT_IN_SPACE: 'The space has no entry, and no member, that is what was named; or nothing to undo.',
  ERR_NOT_SHARED: 'Nothing that this home shares or shared has the root that was given.',
  ERR_OPTIONS_INVALID:
    'An option is unknown, misspelt or out of range, or a [pattern](patterns.md) is malformed.',
  ERR_PERMISSION: 'The system denies access to a path.',
  ERR_PROTOCOL: 'A peer broke the transfer protocol.',
  ERR_QUOTA: 'There is no room for what is to be kept in the home under its [limit](storage.md).',
  ERR_RANGE: 'The range of bytes begins beyond the end of the file, or ends before it begins.',
  ERR_SERVICE: 'There is no service manager that Shoal knows, or it refused.',
  ERR_SOURCE_CHANGED: 'A file changed while it was read, twice.',
  ERR_SOURCE_MISSING: 'The path to be shared does not exist.',
  ERR_SOURCE_UNREADABLE: 'A file or folder to be shared cannot be read.',
  ERR_SPACE_AMBIGUOUS: 'More than one space of this home has the name, or an id that begins as was given.',
  ERR_SPACE_ROLE: 'This device is no member of the space, or has no role in it that may do this.',
  ERR_SPACE_UNKNOWN: 'No space of this home has the id or the name that was given.',
  ERR_SQLITE_VERSION: 'The SQLite in this Node has a known fault that can damage a database.',
  ERR_UNSAFE_NAME: 'A name in the content is unsafe on this system.',
  ERR_UPLOAD_OFFSET: 'A piece of an upload begins elsewhere than where the bytes that are there end.',
  ERR_USAGE: 'The command line is wrong.',
  ERR_VERIFY_FAILED: 'Local files that were compared with a link are missing or differ.',
  ERR_WRONG_KEY: 'The key in the link is well formed but does not open this root.',
} as const satisfies Record<ErrorCode, string>

const CODES = (Object.keys(ERRORS) as ErrorCode[]).toSorted((a, b) => a.localeCompare(b, 'en'))

function table(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
  const rows = CODES.map((code) => {
    const { exit, hint } = ERRORS[code]
    return `| \`${code}\` | ${exit} | ${cell(MEANINGS[code])} | ${cell(hint)} |`
  })
  return ['| code | exit | what it means | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

/** The document with the table put between its markers. */
function withTable(document: string): string {
  const begin = document.indexOf(BEGIN)
  const end = document.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`docs/errors.md lacks its markers ${BEGIN} and ${END}`)
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table()}\n\n${document.slice(end)}`
}

/** All files below some folders of the repository whose names end in `ending`, joined. */
function textOf(folders: readonly string[], ending: string): string {
  return folders
    .flatMap((folder) => filesBelow(join(ROOT, folder)))
    .filter((path) => path.endsWith(ending))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return []
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

function inPackages(folder: string): string[] {
  return readdirSync(join(ROOT, 'packages')).map((name) => `packages/${name}/${folder}`)
}

/** The codes of warnings in a text: quoted in code, as inline code in the document. */
function warningsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/['`](WARN_[A-Z_]+)['`]/g)].map((match) => match[1] as string))
}

function findFaults(document: string): string[] {
  // Asking for a code is not giving it out.
  const source = textOf(inPackages('src'), '.ts').replaceAll(/isShoalError\([^)]*\)/g, '')
  const tests = textOf([...inPackages('test'), 'test'], '.test.ts')
  const faults: string[] = []
  if (withTable(document) !== document) {
    faults.push('docs/errors.md differs from the table: run `npx node scripts/check-errors-doc.ts --write`')
  }
  for (const code of CODES) {
    if (!source.includes(`'${code}'`)) faults.push(`${code} is thrown nowhere in packages/*/src`)
    if (!new RegExp(`\\b${code}\\b`).test(tests)) faults.push(`${code} is named in no test`)
  }
  const given = warningsIn(source)
  const documented = warningsIn(document)
  for (const code of given) if (!documented.has(code)) faults.push(`${code} is not in docs/errors.md`)
  for (const code of documented)
    if (!given.has(code)) faults.push(`${code} is in docs/errors.md but not in the code`)
  return faults
}

if (process.argv.includes('--write')) writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8')))
const faults = findFaults(readFileSync(DOCUMENT, 'utf8'))
for (const fault of faults) console.error(fault)
console.log(`${CODES.length} error codes, ${faults.length} faults`)
if (faults.length > 0) process.exitCode = 1
