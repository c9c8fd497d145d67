/**
 * From the packages to a file on a second computer by what `--help` prints alone: what is typed is taken from its examples, word
 * for word, and only a link and the name of something there takes the place of one that is made up. Needs `tsc -b`.
 */
import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../packages/node/test/helpers/files.ts'
import { install } from '../helpers/installed.ts'

const MADE_UP_LINK = 'shoal://…'
const LINK = /^shoal:\/\/\S+$/m
const SEA = 'sea'.repeat(100)

interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Somebody with a computer: a home folder, a shell and the `shoal` command. */
class Person {
  readonly folder: string
  readonly #env: NodeJS.ProcessEnv

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder
    this.#env = env
  }

  /** @param bin where the command is */
  static async make(bin: string): Promise<Person> {
    const folder = await temporaryFolder()
    const PATH = [bin, dirname(process.execPath), process.env['PATH']].join(':')
    const person = new Person(folder, { PATH, HOME: folder, LANG: 'C.UTF-8' })
    onTestFinished(async () => {
      await person.types('shoal daemon stop')
    })
    return person
  }

  /** Types a line, and waits until it has ended or `until` has come on standard output; what goes on ends with the test. */
  async types(line: string, until?: RegExp): Promise<Outcome> {
    const child = spawn('bash', ['-c', line], {
      cwd: this.folder,
      env: this.#env,
      stdio: 'pipe',
      detached: true,
    })
    child.stdin.end()
    const [stdout, stderr]: [string[], string[]] = [[], []]
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const seen = new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout.push(text)
        if (until?.test(stdout.join('')) === true) resolve()
      })
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
    const status = until === undefined ? await ended : await Promise.race([ended, seen.then(() => null)])
    if (until !== undefined) {
      onTestFinished(async () => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT')
        await ended
      })
    }
    return { status, stdout: stdout.join(''), stderr: stderr.join('') }
  }

  /** What a help prints. */
  async reads(command: string): Promise<string> {
    const { status, stdout, stderr } = await this.types(command)
    if (status !== 0 || stderr !== '') throw new Error(`${command}: ${stdout}${stderr}`)
    return stdout
  }
}

/** The examples of a help, each as it is to be typed. */
function examplesOf(help: string): string[] {
  const lines = help.split('\n').map((line) => /^ {2}((?:shoal|source) .*?)(?: {2,}.*)?$/.exec(line)?.[1])
  return lines.filter((line) => line !== undefined)
}

/** The example that does what its help says in these words. */
function exampleFor(help: string, effect: string): string {
  const line = help.split('\n').find((each) => each.includes(effect)) ?? ''
  const [example] = examplesOf(line)
  if (example === undefined) throw new Error(`the help has no example to ${effect}: ${help}`)
  return example
}

/** Settings that keep a home on this computer, found in the help of `shoal config`. */
async function staysAtHome(person: Person): Promise<void> {
  const help = await person.reads('shoal config --help')
  expect(help).toMatch(/--network NAME +public, lan or private/)
  expect(help).toMatch(/KEY +an option of all commands, without its dashes: --network, --listen/)
  const example = exampleFor(help, 'send at most')
  for (const [key, value] of [
    ['network', 'private'],
    ['listen', '/ip4/127.0.0.1/tcp/0'],
  ] as const) {
    const set = await person.types(example.replace(/(set) .*$/, `$1 ${key} ${value}`))
    expect(set.status, set.stderr).toBe(0)
  }
}

async function people(): Promise<[Person, Person]> {
  const bin = await install(await temporaryFolder())
  const both: [Person, Person] = [await Person.make(bin), await Person.make(bin)]
  for (const person of both) await staysAtHome(person)
  const [alice] = both
  await mkdir(join(alice.folder, 'holiday', 'photos', '2026'), { recursive: true })
  await mkdir(join(alice.folder, 'holiday', 'notes'))
  await writeFile(join(alice.folder, 'holiday', 'photos', '2026', 'sea.jpg'), SEA)
  await writeFile(join(alice.folder, 'holiday', 'notes', 'today.txt'), 'today')
  await writeFile(join(alice.folder, 'talk.mp4'), SEA)
  return both
}

const isHere = process.platform === 'linux'
const why = isHere ? '' : ' (packs and types as on Linux)'

describe.skipIf(!isHere)(`by --help alone${why}`, () => {
  test('a folder comes to a second computer', async () => {
    const [alice, bob] = await people()
    const help = await alice.reads('shoal --help')
    const { stdout } = await alice.types(exampleFor(help, 'print a private link'), LINK)
    const link = LINK.exec(stdout)?.[0] ?? ''
    const fetch = exampleFor(await bob.reads('shoal'), 'download what the link points to')
    expect(fetch).toContain(`'${MADE_UP_LINK}'`)
    const fetched = await bob.types(fetch.replace(MADE_UP_LINK, link))
    expect(fetched.status, fetched.stderr).toBe(0)
    expect(fetched.stdout).toBe(`${join(bob.folder, 'in', 'holiday')}\n`)
    expect(await readFile(join(bob.folder, 'in', 'holiday', 'photos', '2026', 'sea.jpg'), 'utf8')).toBe(SEA)
    // And the first line of help names the help of each command.
    const [, more = ''] = /More on a command: (.*)\n/.exec(help) ?? []
    expect(await alice.reads(more)).toMatch(/^Prints a link/)
  }, 120_000)
})
