/** The three forms of output, and a command in each of them. */
import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { SHOAL } from '../../bench/processes.ts'
import { Terminal, hasTerminal, quoted } from '../../helpers/terminal.ts'

const POLL_MS = 20
const WAIT_MS = 60_000
const ESCAPE = '\u001b'
const INTERRUPT_KEY = '\u0003'
// eslint-disable-next-line no-control-regex
const CONTROL_SEQUENCE = /\u001b(\[[\d;?]*[a-zA-Z]|\][^\u0007\u001b]*(\u0007|\u001b\\))/g

export const FORMS = ['terminal', 'pipe', 'json'] as const
export type Form = (typeof FORMS)[number]
/** A machine without script(1) has the other two. */
export const FORMS_HERE: readonly Form[] = FORMS.filter((form) => form !== 'terminal' || hasTerminal)

export interface Call {
  readonly words: readonly string[]
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** What comes from a pipe; undefined: nothing, or whoever sits at the terminal. */
  readonly input?: string | undefined
  /** What is typed when the terminal asks; of a pipe it is the input. */
  readonly typed?: string | undefined
  /** Ctrl-C is pressed, or sent, once this was printed. */
  readonly stop?: RegExp | undefined
}

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** What a terminal got, as it came. */
  readonly raw: string
  /** The same without what moves the cursor. */
  readonly screen: string
}

export function perform(form: Form, call: Call): Promise<Outcome> {
  return form === 'terminal' ? onTerminal(call) : throughPipes(form, call)
}

async function onTerminal({ words, cwd, env, input, typed, stop }: Call): Promise<Outcome> {
  const command = quoted([process.execPath, SHOAL, ...words])
  const line = input === undefined ? command : `printf %s ${quoted([input])} | ${command}`
  const terminal = new Terminal(line, env, cwd)
  onTestFinished(() => void terminal.child.kill('SIGKILL'))
  if (typed !== undefined) {
    await terminal.sees(/Paste the link/)
    terminal.type(`${typed}\r`)
  }
  if (stop !== undefined) {
    await terminal.sees(stop)
    terminal.type(INTERRUPT_KEY)
  }
  const status = await terminal.ended
  const raw = terminal.text
  return {
    status,
    stdout: '',
    stderr: '',
    raw,
    screen: raw.replaceAll(CONTROL_SEQUENCE, '').replaceAll('\r', ''),
  }
}

async function throughPipes(form: Form, { words, cwd, env, input, typed, stop }: Call): Promise<Outcome> {
  const given = form === 'json' ? [...words, '--json'] : words
  const child = spawn(process.execPath, [SHOAL, ...given], { cwd, env, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part))
  child.stdin.end(input ?? (typed === undefined ? '' : `${typed}\n`))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  if (stop !== undefined) {
    const deadline = performance.now() + WAIT_MS
    while (!stop.test(stdout + stderr)) {
      if (child.exitCode !== null || performance.now() > deadline) break
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    child.kill('SIGINT')
  }
  return { status: await ended, stdout, stderr, raw: '', screen: '' }
}

export function hasControls(text: string): boolean {
  return text.includes(ESCAPE) || text.includes('\r')
}

/** The cursor was moved to draw over what was there, and it is shown again at the end. */
export function isDrawn(raw: string): boolean {
  return (
    raw.includes(`${ESCAPE}[?25l`) && raw.lastIndexOf(`${ESCAPE}[?25h`) > raw.lastIndexOf(`${ESCAPE}[?25l`)
  )
}
