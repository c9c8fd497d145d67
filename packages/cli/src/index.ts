/** The `shoal` command: wires the process to the commands and ends it with the right status. */
import { readFileSync } from 'node:fs'
import { fetch } from './commands/fetch.ts'
import { id } from './commands/id.ts'
import { share } from './commands/share.ts'
import type { Context } from './context.ts'
import { failureOf, printFailure } from './failure.ts'
import { chooseMode } from './output/mode.ts'
import type { Output } from './output/output.ts'
import { isUnicodeSafe, themeFor } from './output/theme.ts'
import { parse, type Arguments } from './parse.ts'
import { listenForStop } from './stop-signals.ts'
import { systemClock } from './terminal-clock.ts'

const DEFAULT_COLUMNS = 80

/** Runs the command line of this process to its end, and ends the process. */
export async function main(): Promise<never> {
  const { argv, env, stdin, stdout, stderr } = process
  const args = argv.slice(2)
  const output = createOutput(args)
  const stop = listenForStop(process)
  const cleanUps: (() => void)[] = []
  const cleanUp = (): void => {
    for (const step of cleanUps.splice(0)) step()
  }
  process.on('exit', cleanUp)
  // Who read our output went away: nobody is told anything any more, so there is nothing left to do.
  stdout.on('error', () => stop.stop())
  stderr.on('error', () => {})
  const end = async (status: number): Promise<never> => {
    await Promise.all([flush(stdout), flush(stderr)])
    return process.exit(status)
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
    clock: systemClock,
    stop: stop.signal,
    uptimeSeconds: () => process.uptime(),
    onExit: (step) => cleanUps.push(step),
  }
  try {
    const columns = stdout.columns ?? DEFAULT_COLUMNS
    await run(parse({ argv: args, env, cwd: process.cwd(), columns, version: readVersion }), context)
    cleanUp()
  } catch (error) {
    return end(fail(error))
  }
  return end(0)
}

async function run(args: Arguments, context: Context): Promise<void> {
  switch (args.command) {
    case 'share':
      return share(args, context)
    case 'fetch':
      return fetch(args, context)
    case 'id':
      return id(args, context)
    case 'text':
      context.output.stdout.write(args.text)
  }
}

/** Read from the bare words, because a wrong command line has to be answered in the right mode, too. */
function createOutput(args: readonly string[]): Output {
  const { env, stdout, stderr, platform } = process
  const end = args.indexOf('--')
  const has = (flag: string): boolean => (end < 0 ? args : args.slice(0, end)).includes(flag)
  return {
    mode: chooseMode({ json: has('--json'), quiet: has('--quiet') }, stderr.isTTY, env),
    isVerbose: has('--verbose'),
    theme: themeFor(stderr, isUnicodeSafe(env, platform)),
    clock: systemClock,
    stdout,
    stderr,
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Resolves when everything written so far has left the process, or cannot. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) resolve()
    else stream.write('', () => resolve())
  })
}
