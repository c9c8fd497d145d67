/** What the rows of the contract meet: somebody who shares, and a home with or without Shoal in the background. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LOOPBACK_FLAGS, SHOAL } from '../../bench/processes.ts'
import { withKeyOf } from '../../helpers/links.ts'
import { FORMS, type Call, type Form } from './forms.ts'
import type { Row } from './rows.ts'

/** What stands in a row in place of what is known only here. */
export type Words = Readonly<Record<string, string>>

const TALK = 'What was said.\n'
/** For `beforeAll`: it takes some twenty commands, one after the other, in milliseconds. */
export const MAKING_MS = 240_000
/** Enough to be stopped in the middle, at the speed that its row gives it. */
const LARGE = 'The same line, again and again.\n'.repeat(300_000)

export class World {
  readonly folder: string
  readonly home: string
  readonly #words: Words
  /** Words that each form has of its own, for what can be done only once. */
  readonly #once: Readonly<Record<Form, Words>>
  readonly #homes: string[]
  #into = 0

  private constructor(init: {
    folder: string
    home: string
    homes: string[]
    words: Words
    once: Record<Form, Words>
  }) {
    this.folder = init.folder
    this.home = init.home
    this.#homes = init.homes
    this.#words = init.words
    this.#once = init.once
  }

  /** @param hasDaemon whether Shoal runs in the background on the home of the rows */
  static async make(hasDaemon: boolean): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-contract-'))
    await makeFiles(folder)
    const [home, theirs] = [join(folder, 'home'), join(folder, 'theirs')]
    const shared = (name: string, ...flags: string[]): string =>
      given(theirs, folder, 'share', name, '--detach', ...flags)
    const [LINK, FOLDER_LINK, LARGE_LINK] = [shared('talk.txt'), shared('holiday'), shared('large.txt')]
    const slow = shared('large.txt', '--fresh')
    const GONE = await linkOfNobody(folder)
    const WRONG = withKeyOf(LINK, FOLDER_LINK)
    const spaceIn = (form: Form): Words => {
      const space = (...args: readonly string[]): string => given(home, folder, 'space', ...args)
      const SPACE = `studio-${form}`
      space('create', SPACE)
      space('add', SPACE, 'holiday')
      space('invite', SPACE)
      given(theirs, folder, 'space', 'create', `club-${form}`)
      const INVITE = given(theirs, folder, 'space', 'invite', `club-${form}`, '--instant')
      return { SPACE, INVITATION: space('invitations', SPACE), INVITE }
    }
    const onceIn = (form: Form): Words => ({
      ...(hasDaemon ? spaceIn(form) : {}),
      NEW: `film-${form}`,
      ID: given(home, folder, 'fetch', GONE, '-o', `kept-${form}`, '--detach'),
      OWN_LINK: given(home, folder, 'share', `${form}.txt`, '--detach'),
    })
    const once = { terminal: onceIn('terminal'), pipe: onceIn('pipe'), json: onceIn('json') }
    given(home, folder, 'share', 'holiday', '--detach')
    if (hasDaemon) {
      // It stays connected for as long as anybody looks.
      given(home, folder, 'fetch', slow, '-o', 'slowly', '--down', '20kB', '--detach')
    } else given(home, folder, 'daemon', 'stop')
    given(theirs, folder, 'id', 'export', 'kept.shoal-id', '--passphrase-file', 'pass.txt')
    const words = { LINK, FOLDER_LINK, LARGE_LINK, GONE, WRONG, HOME: home }
    return new World({ folder, home, homes: [home, theirs], words, once })
  }

  /** A home that nothing was done on; what comes to run there ends with the rest. */
  newHome(name: string): string {
    const home = join(this.folder, name)
    this.#homes.push(home)
    return home
  }

  /**
   * The command of a row, with what its words stand for.
   *
   * @param home of the command, if not that of the rows
   */
  call(row: Row, form: Form, home: string = this.home, more: NodeJS.ProcessEnv = {}): Call {
    const own: Words = {
      ...this.#words,
      ...this.#once[form],
      INTO: join(this.folder, `into-${++this.#into}`),
    }
    const filled = (text: string): string => own[text] ?? text
    const words = row.command.split(' ').map(filled)
    return {
      words: [
        ...words,
        ...(words.includes('--home') ? [] : ['--home', home]),
        ...(words.includes('--network') ? [] : LOOPBACK_FLAGS),
      ],
      cwd: this.folder,
      env: { ...environment(), ...more, ...(row.env === undefined ? {} : { SHOAL_LINK: filled(row.env) }) },
      input: row.input,
      typed: row.typed === undefined ? undefined : filled(row.typed),
      stop: row.stop,
    }
  }

  /** A command without anything added. */
  bare(command: string): Call {
    return { words: command.split(' '), cwd: this.folder, env: environment() }
  }

  async end(): Promise<void> {
    for (const home of this.#homes) endOn(home)
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** Ends by its id what runs in the background on a home. */
export function endOn(home: string): void {
  const { stdout } = spawnSync(process.execPath, [SHOAL, 'status', '--quiet', '--home', home])
  if (String(stdout).trim() !== '') process.kill(Number(stdout), 'SIGKILL')
}

export function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  return { PATH, HOME, NODE_COMPILE_CACHE, LANG: 'C.UTF-8' }
}

/** What a command that has to succeed gives as its result. */
function given(home: string, cwd: string, ...args: readonly string[]): string {
  const words = [SHOAL, ...args, '--quiet', '--home', home, ...LOOPBACK_FLAGS]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd,
    env: environment(),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
  return stdout.trimEnd()
}

/** The link of a share whose command has ended. */
async function linkOfNobody(cwd: string): Promise<string> {
  const args = [
    SHOAL,
    'share',
    'talk.txt',
    '--fresh',
    '--quiet',
    '--home',
    join(cwd, 'nobody'),
    ...LOOPBACK_FLAGS,
  ]
  const share: ChildProcess = spawn(process.execPath, args, {
    cwd,
    env: environment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  share.stdout?.setEncoding('utf8')
  for await (const part of share.stdout ?? []) {
    text += String(part)
    if (text.endsWith('\n')) share.kill('SIGINT')
  }
  return text.trimEnd()
}

async function makeFiles(folder: string): Promise<void> {
  await writeFile(join(folder, 'talk.txt'), TALK)
  await writeFile(join(folder, 'large.txt'), LARGE)
  await writeFile(join(folder, 'pass.txt'), 'seven grey pebbles\n')
  for (const form of FORMS) await writeFile(join(folder, `${form}.txt`), form)
  await mkdir(join(folder, 'holiday', 'day 1'), { recursive: true })
  await copyFile(join(folder, 'talk.txt'), join(folder, 'holiday', 'talk.txt'))
  await writeFile(join(folder, 'holiday', 'day 1', 'sea.jpg'), 'sea')
  // As if it had been there before, and was something else.
  await mkdir(join(folder, 'taken'))
  await writeFile(join(folder, 'taken', 'talk.txt'), 'Something else.\n')
}
