/** What a service manager is told of the node in the background: pure text. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { SERVICE } from '../strings/output.ts'
import { ALLOCATOR } from './allocator.ts'

export interface ServiceInit {
  /** Program and what it is given. */
  readonly command: readonly string[]
  /** The node's. */
  readonly home: string
  readonly isDefaultHome: boolean
  /** The user's own folder. */
  readonly userFolder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A service of one user, as its manager wants it. */
export interface Service {
  readonly file: string
  readonly text: string
  /** Commands by which the manager learns of the file. */
  readonly prepare: readonly (readonly string[])[]
  /** Commands that make the manager run it now and at each login, in order. */
  readonly enable: readonly (readonly string[])[]
  /** Commands that end it and make the manager forget it, before the file is removed. */
  readonly disable: readonly (readonly string[])[]
  /** After the file was removed. */
  readonly forget: readonly (readonly string[])[]
  /** Where what it says is read. */
  readonly log: string
}

/** Undefined where Shoal knows no service manager. */
export function serviceFor(platform: NodeJS.Platform, init: ServiceInit): Service | undefined {
  if (platform === 'linux') return systemdService(init)
  if (platform === 'darwin') return launchdService(init)
  return undefined
}

/** A user unit of systemd: https://www.freedesktop.org/software/systemd/man/systemd.service.html */
function systemdService({ command, userFolder, env, ...init }: ServiceInit): Service {
  const name = `${nameOf('shoal', init)}.service`
  const { XDG_CONFIG_HOME } = env
  const config = XDG_CONFIG_HOME?.startsWith('/') === true ? XDG_CONFIG_HOME : join(userFolder, '.config')
  const systemctl = (...given: string[]): string[] => ['systemctl', '--user', ...given]
  return {
    file: join(config, 'systemd', 'user', name),
    text: [
      '[Unit]',
      `Description=${SERVICE.description}`,
      '',
      '[Service]',
      ...Object.entries(ALLOCATOR).map(([key, value]) => `Environment=${key}=${value}`),
      `ExecStart=${command.map(systemdWord).join(' ')}`,
      'Restart=on-failure',
      'RestartSec=5',
      'TimeoutStopSec=15',
      'UMask=0077',
      'NoNewPrivileges=yes',
      '',
      '[Install]',
      'WantedBy=default.target',
      '',
    ].join('\n'),
    prepare: [systemctl('daemon-reload')],
    enable: [systemctl('enable', '--now', name)],
    disable: [systemctl('disable', '--now', name)],
    forget: [systemctl('daemon-reload')],
    log: `journalctl --user -u ${name}`,
  }
}

/** One word of a command line of systemd: `%` and `$` would be replaced, quotes and backslashes end or begin something. */
function systemdWord(word: string): string {
  const escaped = word.replaceAll(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `"${escaped.replaceAll('\n', '\\n')}"`
}

/** An agent of launchd: launchd.plist(5). */
function launchdService({ command, userFolder, ...init }: ServiceInit): Service {
  const label = nameOf('org.shoal.daemon', init)
  const file = join(userFolder, 'Library', 'LaunchAgents', `${label}.plist`)
  const log = join(init.home, 'service.log')
  return {
    file,
    text: [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
      '<plist version="1.0">',
      '<dict>',
      `  <key>Label</key><string>${label}</string>`,
      '  <key>ProgramArguments</key>',
      '  <array>',
      ...command.map((word) => `    <string>${xmlText(word)}</string>`),
      '  </array>',
      '  <key>RunAtLoad</key><true/>',
      '  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>',
      '  <key>ThrottleInterval</key><integer>5</integer>',
      '  <key>ExitTimeOut</key><integer>15</integer>',
      '  <key>Umask</key><integer>63</integer>',
      `  <key>StandardOutPath</key><string>${xmlText(log)}</string>`,
      `  <key>StandardErrorPath</key><string>${xmlText(log)}</string>`,
      '</dict>',
      '</plist>',
      '',
    ].join('\n'),
    prepare: [],
    enable: [['launchctl', 'load', '-w', file]],
    disable: [['launchctl', 'unload', '-w', file]],
    forget: [],
    log,
  }
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** One service for each home. */
function nameOf(base: string, { home, isDefaultHome }: Pick<ServiceInit, 'home' | 'isDefaultHome'>): string {
  if (isDefaultHome) return base
  return `${base}-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`
}
