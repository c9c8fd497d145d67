/** Whether the system says that what passes over the network is paid for. */
import type * as ChildProcess from 'node:child_process'
import { join } from 'node:path'
import { MAX_METERED_BYTES, METERED_TIMEOUT_MS } from './limits.ts'

/** Undefined: the system does not say. It does not reject. */
export type MeteredProbe = (signal: AbortSignal) => Promise<boolean | undefined>

/** A program that knows, and what its answer means. */
export interface MeteredQuestion {
  readonly program: string
  readonly arguments: readonly string[]
  readonly read: (answer: string) => boolean | undefined
}

/** NMMetered of NetworkManager: yes, no, and both as far as it can guess. */
const NETWORK_MANAGER: Readonly<Record<string, boolean>> = { 1: true, 2: false, 3: true, 4: false }
/** NetworkCostType of Windows. */
const WINDOWS_COST: Readonly<Record<string, boolean>> = { Unrestricted: false, Fixed: true, Variable: true }

/** @returns undefined where nothing can be asked: macOS tells only programs that are linked against its own library */
export function meteredQuestion(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): MeteredQuestion | undefined {
  switch (platform) {
    case 'linux':
      return {
        program: 'busctl',
        arguments: [
          '--system',
          'get-property',
          'org.freedesktop.NetworkManager',
          '/org/freedesktop/NetworkManager',
          'org.freedesktop.NetworkManager',
          'Metered',
        ],
        read: (answer) => NETWORK_MANAGER[/^u (\d+)\s*$/.exec(answer)?.[1] ?? ''],
      }
    case 'win32': {
      const { SystemRoot = 'C:\\Windows' } = env
      return {
        // By its whole path: a program of that name in the current folder would come first.
        program: join(SystemRoot, 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe'),
        arguments: [
          '-NoProfile',
          '-NonInteractive',
          '-Command',
          '[Windows.Networking.Connectivity.NetworkInformation,Windows,ContentType=WindowsRuntime]' +
            '::GetInternetConnectionProfile().GetConnectionCost().NetworkCostType.ToString()',
        ],
        read: (answer) => WINDOWS_COST[answer.trim()],
      }
    }
    default:
      return undefined
  }
}

/** Asks the system. A program that is not there, fails, takes too long or says too much does not say it. */
export function systemMetered(
  question: MeteredQuestion | undefined = meteredQuestion(process.platform, process.env),
  timeoutMs = METERED_TIMEOUT_MS,
): MeteredProbe {
  return async (signal) => {
    if (question === undefined) return undefined
    // Most processes that have a node never ask.
    const { execFile } = (await import('node:child_process')) as typeof ChildProcess
    return await new Promise((resolve) => {
      const options = {
        signal,
        timeout: timeoutMs,
        maxBuffer: MAX_METERED_BYTES,
        windowsHide: true,
        encoding: 'utf8',
      } as const
      execFile(question.program, question.arguments, options, (error, stdout) => {
        resolve(error === null ? question.read(stdout) : undefined)
      })
    })
  }
}
