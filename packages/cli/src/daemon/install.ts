/** `shoal daemon install` and `uninstall`: the user's service manager runs it from now on, or no more. */
import { execFile } from 'node:child_process'
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { ShoalError, defaultHome, homePaths } from '@shoal/node/control'
import type { Context } from '../context.ts'
import { writeSuccess } from '../output/output.ts'
import { reportStatus } from '../output/shares-reporter.ts'
import { FAILURES } from '../strings/errors.ts'
import { TERMINAL } from '../strings/output.ts'
import { PLAIN } from '../strings/plain.ts'
import type { NodeFlags } from '../with-node.ts'
import { statusOfDaemon, untilItAnswers } from './answering.ts'
import { daemonCommand } from './command.ts'
import { serviceFor, type Service } from './service.ts'
import { endDaemon } from './stop.ts'

/** How long a service manager may take for one command, in milliseconds. */
const MANAGER_MS = 30_000

const run = promisify(execFile)

/**
 * Makes it a service and starts that; one that was started by hand is ended first.
 *
 * @throws ShoalError ERR_SERVICE, and as `startDaemon`
 */
export async function installDaemon(flags: NodeFlags, context: Context): Promise<void> {
  const { env, output } = context
  const paths = homePaths(flags.home, env)
  // In the file it would be no secret to whoever may ask the manager.
  if (env['SHOAL_NETWORK_KEY'] !== undefined) {
    throw new ShoalError('ERR_SERVICE', FAILURES.networkKey, { hint: FAILURES.networkKeyHint })
  }
  const service = serviceOf(flags, context)
  const earlier = await statusOfDaemon(paths, flags)
  await write(service)
  try {
    for (const command of service.prepare) await manage(command)
    // Once the manager is known to do as it is told.
    if (earlier !== undefined) await endDaemon(flags.home, context)
    for (const command of service.enable) await manage(command)
  } catch (error) {
    await rm(service.file, { force: true })
    throw error
  }
  const check = async (): Promise<void> => {}
  const status = await untilItAnswers(paths, flags, context, { check, hint: FAILURES.seeLog(service.log) })
  reportStatus(output, status, [])
  const { file } = service
  writeSuccess(output, { terminal: TERMINAL.installed(file), plain: PLAIN.installed(file) })
}

/** Ends it and forgets the service. @throws ShoalError ERR_SERVICE, also when there is none */
export async function uninstallDaemon(flags: NodeFlags, context: Context): Promise<void> {
  const service = serviceOf(flags, context)
  const isThere = await stat(service.file).then(
    () => true,
    () => false,
  )
  if (!isThere) {
    throw new ShoalError('ERR_SERVICE', FAILURES.notInstalled(service.file), {
      hint: FAILURES.notInstalledHint,
    })
  }
  for (const command of service.disable) await manage(command)
  await rm(service.file, { force: true })
  for (const command of service.forget) await manage(command)
  writeSuccess(context.output, { terminal: TERMINAL.uninstalled, plain: PLAIN.uninstalled(service.file) })
}

function serviceOf(flags: NodeFlags, { env }: Context): Service {
  const { home } = flags
  const service = serviceFor(process.platform, {
    command: daemonCommand(flags),
    home,
    isDefaultHome: home === defaultHome({}),
    userFolder: homedir(),
    env,
  })
  if (service === undefined) throw new ShoalError('ERR_SERVICE', FAILURES.noManager(process.platform))
  return service
}

async function write({ file, text }: Service): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { mode: 0o600 })
  } catch (cause) {
    throw new ShoalError('ERR_SERVICE', FAILURES.notWritten(file), { cause })
  }
}

async function manage([program = '', ...given]: readonly string[]): Promise<void> {
  try {
    await run(program, given, { timeout: MANAGER_MS })
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string }
    const [said = ''] = (stderr ?? '').trim().split('\n')
    const why = code === 'ENOENT' ? FAILURES.noProgram(program) : said
    throw new ShoalError('ERR_SERVICE', FAILURES.manager([program, ...given].join(' '), why), { cause })
  }
}
