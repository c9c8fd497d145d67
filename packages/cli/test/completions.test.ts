import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NETWORK_PRESETS } from '@shoal/node/control'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHELLS } from '../src/completions/scripts.ts'
import { commandHelp } from '../src/help.ts'
import { parse } from '../src/parse.ts'
import { HELP, SPACE_HELP } from '../src/strings/help.ts'

const NAMES = Object.keys(HELP)
const COMMANDS = new Map([
  ...Object.entries(HELP),
  ...Object.entries(SPACE_HELP).map(([name, help]) => [`space ${name}`, help] as const),
])
/** How a shell is asked whether it can read a script. */
const CHECKS = {
  bash: ['bash', '-n'],
  zsh: ['zsh', '-n'],
  fish: ['fish', '--no-execute'],
  pwsh: ['pwsh', '-NoProfile', '-File'],
} as const

function scriptOf(shell: string): string {
  const init = { env: {}, cwd: '/', columns: 80, version: () => '', onContent: () => {} }
  const answer = parse({ ...init, argv: ['completions', shell] })
  if (answer.command !== 'text') throw new Error('no script')
  return answer.text
}

/** Flags that a help text names, as typed. */
function flagsOf(name: string): string[] {
  const help = COMMANDS.get(name)
  if (help === undefined) throw new Error(name)
  const text = commandHelp(help, 200)
  return [...new Set([...text.matchAll(/^ {2}(--?[a-z][a-z-]*)/gm)].map((match) => match[1] ?? ''))]
}

describe.each(SHELLS)('%s', (shell) => {
  test('every command and every flag of its help is in the script', () => {
    const script = scriptOf(shell)
    for (const name of COMMANDS.keys()) {
      expect(script).toMatch(new RegExp(`\\b${name.split(' ').at(-1) ?? ''}\\b`))
      expect(flagsOf(name).length).toBeGreaterThanOrEqual(11)
      for (const flag of flagsOf(name)) {
        // fish writes flags without their dashes.
        const written = shell === 'fish' ? flag.replace(/^--/, '-l ').replace(/^-(?=[a-z]$)/, '-s ') : flag
        expect(script, `${name} ${flag}`).toContain(written)
      }
    }
    for (const preset of NETWORK_PRESETS) expect(script).toContain(preset)
    expect(script.endsWith('\n')).toBe(true)
  })

  const [program, ...flags] = CHECKS[shell]
  const isInstalled = spawnSync(program, ['--version']).error === undefined
  test.skipIf(!isInstalled)(
    `it can be read${isInstalled ? '' : ` (${program} is not installed here)`}`,
    async () => {
      const file = join(folder, `shoal.${shell === 'pwsh' ? 'ps1' : shell}`)
      await writeFile(file, scriptOf(shell))
      const { status, stderr } = spawnSync(program, [...flags, file], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
    },
  )
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-completions-'))
  await mkdir(join(folder, 'files', 'a folder'), { recursive: true })
  await writeFile(join(folder, 'files', 'a file.txt'), '')
  await mkdir(join(folder, 'bin'))
  // Stands in for the command: what it is asked, and two shares.
  const share = '{"type":"share","root":"bafyone","name":"\\"root\\":\\"x\\""}'
  const lines = [`{"type":"warning","message":"x"}`, share, share.replace('one', 'two')]
  const plain = `{"type":"space","id":"${'ab'.repeat(32)}","name":"studio","role":"write"}`
  const strange = `{"type":"space","id":"${'cd'.repeat(32)}","name":"$(rm) \\"x\\"","role":null}`
  lines.push(plain, strange)
  // It runs in the background until somebody says otherwise.
  const fake = `#!/bin/sh\necho "$@" >> "${folder}/asked"\n[ -e "${folder}/ended" ] && exit 6\ncat <<'END'\n${lines.join('\n')}\nEND\n`
  await writeFile(join(folder, 'bin', 'shoal'), fake)
  await chmod(join(folder, 'bin', 'shoal'), 0o755)
  await writeFile(join(folder, 'script.bash'), scriptOf('bash'))
  await writeFile(join(folder, 'script.fish'), scriptOf('fish'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const [FISH] = CHECKS.fish
const hasFish = spawnSync(FISH, ['--version']).error === undefined

describe.skipIf(!hasFish)(`completing in fish${hasFish ? '' : ' (it is not installed here)'}`, () => {
  /** What is offered at the end of a line, without what it is described by. */
  function offered(line: string): string[] {
    const program = `source ${join(folder, 'script.fish')}; complete -C ${JSON.stringify(line)}`
    const env = { HOME: folder, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` }
    const text = execFileSync(FISH, ['--no-config', '-c', program], {
      cwd: join(folder, 'files'),
      env,
      encoding: 'utf8',
    })
    const words = text.split('\n').filter((each) => each !== '')
    return words.map((each) => each.split('\t', 1)[0] ?? '').toSorted()
  }

  test('commands, those of a group, flags and their values', () => {
    expect(offered('shoal sh')).toEqual(['share', 'shares'])
    expect(offered('shoal space re')).toEqual(['remove', 'restore', 'revoke'])
    expect(offered('shoal daemon st')).toEqual(['start', 'status', 'stop'])
    expect(offered('shoal share --pu')).toEqual(['--public'])
    expect(offered('shoal space invite x --role ')).toEqual(['manage', 'pull', 'read', 'write'])
    expect(offered('shoal --network pr')).toEqual(['private'])
    expect(offered('shoal fetch L -o a')).toEqual(['a folder/'])
    expect(offered('shoal share a')).toEqual(['a file.txt', 'a folder/'])
  })
})

const hasBash = spawnSync('bash', ['--version']).error === undefined

describe.skipIf(!hasBash)(`completing in bash${hasBash ? '' : ' (it is not installed here)'}`, () => {
  /** What is offered for the last of these words, as bash takes a line apart. */
  function offered(...words: readonly string[]): string[] {
    const quoted = ['shoal', ...words].map((word) => `'${word}'`).join(' ')
    const program = `source "$1"; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _shoal
      for each in "\${COMPREPLY[@]}"; do echo "$each"; done`
    const env = { HOME: '/home/ada', PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` }
    const args = ['--noprofile', '--norc', '-euc', program, 'bash', join(folder, 'script.bash')]
    const text = execFileSync('bash', args, { cwd: join(folder, 'files'), env, encoding: 'utf8' })
    return text.split('\n').filter((line) => line !== '')
  }

  async function asked(): Promise<string[]> {
    const text = spawnSync('cat', [join(folder, 'asked')], { encoding: 'utf8' }).stdout
    await rm(join(folder, 'asked'), { force: true })
    return text.split('\n').filter((line) => line !== '')
  }

  test('commands, also behind options and their values', () => {
    expect(offered('')).toEqual(NAMES)
    expect(offered('sh')).toEqual(['share', 'shares'])
    expect(offered('space', '')).toEqual(Object.keys(SPACE_HELP))
    expect(offered('space', '--json', 're')).toEqual(['restore', 'remove', 'revoke'])
    // What is named like a command is one only where a command stands.
    expect(offered('ls', 'space', '')).toEqual([])
    expect(offered('space', 'ls', 'add', '')).toEqual([])
    expect(offered('--json', '--home', 'id', 'st')).toEqual(['status'])
    expect(offered('--home', '=', '/h', 'st')).toEqual(['status'])
  })

  test('the flags of each command are those of its help, and no others', () => {
    for (const name of COMMANDS.keys()) {
      expect(offered(...name.split(' '), '-').toSorted(), name).toEqual(flagsOf(name).toSorted())
    }
    expect(offered('share', 'x', '--pu')).toEqual(['--public'])
    expect(offered('fetch', '--pu')).toEqual([])
    expect(offered('--pe')).toEqual(['--peer'])
    expect(offered('share', '--', '--pu')).toEqual([])
  })

  test('values: networks, folders, shells', () => {
    expect(offered('--network', '')).toEqual([...NETWORK_PRESETS])
    expect(offered('share', '--network', '=', 'pr')).toEqual(['private'])
    expect(offered('share', '--network', '=')).toEqual([...NETWORK_PRESETS])
    expect(offered('fetch', 'L', '-o', 'a')).toEqual(['a folder'])
    expect(offered('--home', 'a')).toEqual(['a folder'])
    expect(offered('share', '--name', 'a')).toEqual([])
    expect(offered('fetches', '')).toEqual(['pause', 'resume', 'cancel'])
    expect(offered('fetches', 'pause', '')).toEqual([])
    expect(offered('space', 'invite', 's', '--role', '')).toEqual(['pull', 'read', 'write', 'manage'])
    expect(offered('space', 'role', 's', '3f9c', '')).toEqual(['pull', 'read', 'write', 'manage', 'founder'])
    expect(offered('space', 'get', 's', 'p', '-o', 'a')).toEqual(['a folder'])
    expect(offered('completions', '')).toEqual([...SHELLS])
    expect(offered('completions', 'bash', '')).toEqual([])
  })

  test('files, where they are taken', () => {
    expect(offered('share', 'a').toSorted()).toEqual(['a file.txt', 'a folder'])
    expect(offered('share', 'x', '--public', 'a').toSorted()).toEqual(['a file.txt', 'a folder'])
    expect(offered('verify', 'a').toSorted()).toEqual(['a file.txt', 'a folder'])
    expect(offered('verify', 'a', 'a')).toEqual([])
    expect(offered('space', 'add', 's', 'x', 'a').toSorted()).toEqual(['a file.txt', 'a folder'])
    expect(offered('space', 'rm', 's', 'a')).toEqual([])
    expect(offered('fetch', 'a')).toEqual([])
  })

  test('own shares for unshare, of the home that is named; nothing else asks the command', async () => {
    await asked()
    expect(offered('unshare', '')).toEqual(['bafyone', 'bafytwo'])
    expect(offered('--home', '~/h', 'unshare', 'bafyt')).toEqual(['bafytwo'])
    expect(await asked()).toEqual(['shares --json', '--home /home/ada/h shares --json'])
    offered('share', '')
    offered('fetch', '')
    offered('unshare', 'bafyone', '')
    offered('')
    expect(await asked()).toEqual([])
  })

  test('own spaces, by a name that a shell takes as it is, else by id; nothing is started for that', async () => {
    await asked()
    expect(offered('space', 'ls', '')).toEqual(['studio', 'cd'.repeat(32)])
    expect(offered('space', '--home', '/h', 'rm', 'st')).toEqual(['studio'])
    expect(await asked()).toEqual([
      'status --quiet',
      'space list --json',
      '--home /h status --quiet',
      '--home /h space list --json',
    ])
    await writeFile(join(folder, 'ended'), '')
    expect(offered('space', 'ls', '')).toEqual([])
    expect(await asked()).toEqual(['status --quiet'])
    await rm(join(folder, 'ended'))
    offered('space', 'create', '')
    offered('space', '')
    expect(await asked()).toEqual([])
  })
})

test('a shell that is not known is told which are', () => {
  expect(() => scriptOf('tcsh')).toThrow('there is no script for tcsh')
})
