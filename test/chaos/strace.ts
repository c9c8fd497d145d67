/** Runs a program under strace: to see which calls it makes, and to kill it or make a call fail at one of them. */
import { spawn, spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { beforeEach } from 'vitest'

/** Why faults cannot be injected here; undefined where they can. */
export const straceIsMissing: string | undefined = findOut()

/** Skips all tests of a file where faults cannot be injected, and says why. */
export function skipWithoutStrace(): void {
  beforeEach(({ skip }) => skip(straceIsMissing !== undefined, straceIsMissing))
}

function findOut(): string | undefined {
  if (process.platform !== 'linux') return 'faults are injected by strace, which is for Linux'
  // Some containers have it and forbid what it does.
  const { status, error } = spawnSync('strace', ['-o', '/dev/null', 'true'])
  if (error !== undefined) return 'strace is not installed'
  return status === 0 ? undefined : 'strace may not trace processes here'
}

/** One call of a program, as strace saw it. */
export interface Call {
  readonly syscall: string
  /** Thread id. */
  readonly thread: number
  /** The file that it is about, by name or by descriptor. */
  readonly path: string
  readonly text: string
}

export interface Program {
  /** Run by this Node. */
  readonly script: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where strace writes what it saw. */
  readonly log: string
  /** Runs until it is stopped. @defaultValue false: ended after a minute */
  readonly isLasting?: boolean
}

export interface Fault {
  readonly syscall: string
  /** Which of the calls of one thread, from 1. */
  readonly nth: number
  /** Only calls about this file are counted; all when undefined. */
  readonly path: string | undefined
  /** What happens instead of the call. */
  readonly effect: 'KILL' | 'ENOSPC' | 'EIO'
}

export interface Fact {
  readonly type: string
  readonly [key: string]: unknown
}

export interface Outcome {
  /** null when it was killed. */
  readonly status: number | null
  /** What the program said on stdout, a JSON object a line. */
  readonly facts: readonly Fact[]
  /** Anything that it said on stderr, and strace. */
  readonly stderr: string
}

/** A program that is being run; `facts` fills while it runs. */
export interface Running {
  readonly facts: readonly Fact[]
  /** The first fact of a type, when it comes; undefined when the program ends without it. */
  readonly said: (type: string) => Promise<Fact | undefined>
  readonly ended: Promise<Outcome>
  /** Sends a signal to the program and to strace, if it runs under that. */
  readonly kill: (signal: NodeJS.Signals) => void
}

/** A run that hangs is ended after this long, in milliseconds, and fails the test by what it did not say. */
const MOST_MS = 60_000

export function start(program: Program, straceArgs?: readonly string[]): Running {
  const command = [process.execPath, program.script, ...program.args]
  const [file = '', ...args] =
    straceArgs === undefined ? command : ['strace', '-f', '-y', '-o', program.log, ...straceArgs, ...command]
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what strace started ends with it.
    detached: true,
    env: {
      ...process.env,
      // One thread for what Node does in the background: the order of its calls is the same in every run.
      UV_THREADPOOL_SIZE: '1',
      ...program.env,
    },
  })
  const facts: Fact[] = []
  const listeners = new Set<() => void>()
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  createInterface({ input: child.stdout }).on('line', (line) => {
    facts.push(JSON.parse(line) as Fact)
    for (const listener of listeners) listener()
  })
  const kill = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid, signal)
  }
  const timer = program.isLasting === true ? undefined : setTimeout(() => kill('SIGKILL'), MOST_MS)
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({ status, facts, stderr })
    })
  })
  const said = async (type: string): Promise<Fact | undefined> => {
    const find = (): Fact | undefined => facts.find((fact) => fact.type === type)
    const heard = new Promise<Fact>((resolve) => {
      listeners.add(() => {
        const fact = find()
        if (fact !== undefined) resolve(fact)
      })
    })
    return find() ?? Promise.race([heard, ended.then(find)])
  }
  return { facts, said, ended, kill }
}

/** How a run is brought to its end: by itself, or by whatever is done with it. */
type Drive = (running: Running) => Promise<void>

/** Runs a program to its end and returns the calls that it made, in order. */
export async function record(
  program: Program,
  syscalls: readonly string[],
  drive?: Drive,
): Promise<Outcome & { calls: Call[] }> {
  const running = start(program, ['--seccomp-bpf', '-e', `trace=${syscalls.join()}`])
  await drive?.(running)
  const outcome = await running.ended
  return { ...outcome, calls: parse(await readFile(program.log, 'utf8')) }
}

/** Runs a program with a fault. `landed`: the call that was meant was made, and the fault took its place. */
export async function runWithFault(
  program: Program,
  fault: Fault,
  drive?: Drive,
): Promise<Outcome & { landed: boolean }> {
  const effect = fault.effect === 'KILL' ? 'signal=KILL' : `error=${fault.effect}`
  const running = start(program, [
    // A filter in the kernel saves time, but then a signal is not delivered.
    ...(fault.effect === 'KILL' ? [] : ['--seccomp-bpf']),
    ...(fault.path === undefined ? [] : ['-P', fault.path]),
    '-e',
    `trace=${fault.syscall}`,
    '-e',
    `inject=${fault.syscall}:${effect}:when=${fault.nth}`,
  ])
  await drive?.(running)
  const outcome = await running.ended
  const log = await readFile(program.log, 'utf8')
  await rm(program.log)
  const landed = fault.effect === 'KILL' ? outcome.status === null : log.includes('(INJECTED)')
  return { ...outcome, landed }
}

const LINE = /^(\d+) +(\w+)\((.*)/
const DESCRIPTOR = /^-?\w+<([^>]*)>/
const STRING = /"((?:[^"\\]|\\.)*)"/
const OCTAL = /\\([0-7]{1,3})/g

function parse(log: string): Call[] {
  const calls: Call[] = []
  for (const line of log.split('\n')) {
    const [, thread, syscall, args = ''] = LINE.exec(line) ?? []
    if (syscall === undefined) continue
    const quoted = STRING.exec(args)?.[1]
    const path = unescaped(DESCRIPTOR.exec(args)?.[1] ?? quoted ?? '')
    calls.push({ thread: Number(thread), syscall, path, text: line })
  }
  return calls
}

/** strace writes bytes that are no ASCII as octal escapes. */
function unescaped(text: string): string {
  const latin1 = text.replace(OCTAL, (_all, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
  return Buffer.from(latin1.replaceAll(String.raw`\"`, '"'), 'latin1').toString()
}
