/** The `shoal` command: wires the process to the commands and ends it with the right status. */
import { readFileSync } from 'node:fs'
import { ShoalError } from '@shoal/node/control'
import type { Arguments } from './arguments/arguments.ts'
import type { Context } from './context.ts'
import { failureOf, printFailure } from './failure.ts'
import { chooseMode } from './output/mode.ts'
import type { Output } from './output/output.ts'
import { Sink } from './output/sink.ts'
import { hasTaskbar } from './output/taskbar.ts'
import { isUnicodeSafe, themeFor } from './output/theme.ts'
import { readHidden } from './hidden-input.ts'
import { isInForeground, listenForKeys } from './keys.ts'
import { parse } from './parse.ts'
import { FAILURES } from './strings/errors.ts'
import { listenForStop, type StopSignals } from './stop-signals.ts'
import { systemClock } from './terminal-clock.ts'

const DEFAULT_COLUMNS = 80

/** Runs the command line of this process to its end, and ends the process. */
export async function main(): Promise<never> {
  const { argv, env, stdin, stdout, stderr } = process
  const args = argv.slice(2)
  const stop = listenForStop(process)
  // Who reads the results went away, or the disk that takes them is full: there is nothing left to do.
  const results = new Sink(stdout, () => stop.stop())
  const notes = new Sink(stderr)
  let hasContent = false
  const output = createOutput(args, results, notes, () => hasContent)
  const cleanUps: (() => void)[] = []
  const cleanUp = (): void => {
    for (const step of cleanUps.splice(0)) step()
  }
  process.on('exit', cleanUp)
  const end = async (exit: number): Promise<never> => {
    await Promise.all([results.flush(), notes.flush()])
    return process.exit(exit)
  }
  const fail = (error: unknown): number => {
    cleanUp()
    const failure = failureOf(error)
    printFailure(output, failure)
    return failure.exit
  }
  for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(fault, (error: unknown) => void end(fail(error)))
  }
  const context: Context = {
    env,
    stdin,
    isPersonPresent: stdin.isTTY && stderr.isTTY,
    output,
    keys: keysOf(output, stop),
    hidden: hiddenOf(notes, stop),
    clock: systemClock,
    stop: stop.signal,
    uptimeSeconds: () => process.uptime(),
    onExit: (step) => cleanUps.push(step),
  }
  let error: unknown
  try {
    const columns = stdout.columns ?? DEFAULT_COLUMNS
    const onContent = (): void => void (hasContent = true)
    const init = { argv: args, env, cwd: process.cwd(), columns, version: readVersion, onContent }
    await run(parse(init), context)
    cleanUp()
  } catch (caught) {
    error = caught
  }
  await results.flush()
  // A reader that had enough, such as `head`, is no fault; a result that was lost on a full disk is one.
  if (results.fault !== undefined && results.fault.code !== 'EPIPE') {
    error = new ShoalError('ERR_DISK', FAILURES.outputLost, { cause: results.fault })
  }
  return end(error === undefined ? 0 : fail(error))
}

/** Loads what the command needs and nothing of the others: most of the time of a short command is loading. */
async function run(args: Arguments, context: Context): Promise<void> {
  switch (args.command) {
    case 'share':
      if (args.isDetached) return (await import('./commands/share-detached.ts')).shareDetached(args, context)
      return (await import('./commands/share.ts')).share(args, context)
    case 'fetch':
      if (args.isDetached) return (await import('./commands/fetch-detached.ts')).fetchDetached(args, context)
      if (args.isToStdout) return (await import('./commands/fetch-to-stdout.ts')).fetchToStdout(args, context)
      return (await import('./commands/fetch.ts')).fetch(args, context)
    case 'cat':
      return (await import('./commands/cat.ts')).cat(args, context)
    case 'ls':
      return (await import('./commands/ls.ts')).ls(args, context)
    case 'verify':
      return (await import('./commands/verify.ts')).verify(args, context)
    case 'id':
      return (await import('./commands/id.ts')).id(args, context)
    case 'shares':
      return (await import('./commands/shares.ts')).shares(args, context)
    case 'config':
      return (await import('./commands/config.ts')).config(args, context)
    case 'daemon':
      return (await import('./commands/daemon.ts')).daemon(args, context)
    case 'status':
      return (await import('./commands/status.ts')).status(args, context)
    case 'peers':
      return (await import('./commands/peers.ts')).peers(args, context)
    case 'doctor':
      return (await import('./commands/doctor.ts')).doctor(args, context)
    case 'unshare':
      return (await import('./commands/unshare.ts')).unshare(args, context)
    case 'fetches':
      return (await import('./commands/fetches.ts')).fetches(args, context)
    case 'space':
      return (await import('./commands/space.ts')).space(args, context)
    case 'text':
      context.output.stdout.write(args.text)
  }
}

function keysOf({ mode }: Output, stop: StopSignals): Context['keys'] {
  const { stdin, stderr, platform } = process
  const isTerminal = stdin.isTTY && stderr.isTTY && mode === 'terminal'
  if (!isTerminal || !isInForeground(platform)) return undefined
  return (onKey) =>
    listenForKeys(
      {
        input: stdin,
        signals: process,
        isForeground: () => isInForeground(platform),
        interrupt: () => stop.interrupt(),
        // To the whole group, as a terminal does.
        suspend: () => void (platform === 'win32' || process.kill(0, 'SIGTSTP')),
      },
      onKey,
    )
}

function hiddenOf(notes: Sink, stop: StopSignals): Context['hidden'] {
  const { stdin, stderr, platform } = process
  if (!stdin.isTTY || !stderr.isTTY || !isInForeground(platform)) return undefined
  return (prompt) =>
    readHidden({
      input: stdin,
      write: (text) => notes.write(text),
      prompt,
      stop: stop.signal,
      interrupt: () => stop.interrupt(),
    })
}

/** Read from the bare words, because a wrong command line has to be answered in the right mode, too. */
function createOutput(
  args: readonly string[],
  results: Sink,
  notes: Sink,
  hasContent: () => boolean,
): Output {
  const { env, stderr, platform } = process
  const end = args.indexOf('--')
  const has = (flag: string): boolean => (end < 0 ? args : args.slice(0, end)).includes(flag)
  return {
    mode: chooseMode({ json: has('--json'), quiet: has('--quiet') }, stderr.isTTY, env),
    isVerbose: has('--verbose'),
    theme: themeFor(stderr, isUnicodeSafe(env, platform)),
    clock: systemClock,
    stdout: results,
    events: { write: (text) => (hasContent() ? notes : results).write(text) },
    hasTaskbar: stderr.isTTY && hasTaskbar(env),
    stderr: {
      write: (text) => notes.write(text),
      get columns() {
        return stderr.columns
      },
      get rows() {
        return stderr.rows
      },
    },
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
