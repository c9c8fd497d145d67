/** Options of all commands, which stand before or after the name of the command. */
import { resolve } from 'node:path'
import { NETWORK_PRESETS, defaultHome, type NetworkPreset } from '@shoal/node/control'
import type { Command } from 'commander'
import { COMMON_OPTIONS } from '../strings/options.ts'
import { SWITCH } from '../strings/output.ts'
import type { NodeFlags } from '../with-node.ts'
import { addFlag, addValue, list, network, onOff, rate } from './options.ts'

interface CommonValues {
  home?: string
  network?: NetworkPreset
  listen?: string[]
  peer?: string[]
  bootstrap?: string[]
  mdns?: true
  up?: number
  down?: number
  apiTcp?: boolean
}

export function addCommonOptions(command: Command): void {
  addValue(command, COMMON_OPTIONS.home)
  addValue(command, COMMON_OPTIONS.network, network, NETWORK_PRESETS)
  addValue(command, COMMON_OPTIONS.listen, list)
  addValue(command, COMMON_OPTIONS.peer, list)
  addValue(command, COMMON_OPTIONS.bootstrap, list)
  addFlag(command, COMMON_OPTIONS.mdns)
  addValue(command, COMMON_OPTIONS.up, rate)
  addValue(command, COMMON_OPTIONS.down, rate)
  addValue(command, COMMON_OPTIONS.apiTcp, onOff, Object.values(SWITCH))
  addFlag(command, COMMON_OPTIONS.json)
  addFlag(command, COMMON_OPTIONS.quiet)
  addFlag(command, COMMON_OPTIONS.verbose)
}

export function readNodeFlags(
  program: Command,
  command: Command,
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): NodeFlags {
  const before = program.opts<CommonValues>()
  const after = command.opts<CommonValues>()
  const home = after.home ?? before.home
  const both = (key: 'listen' | 'peer' | 'bootstrap'): readonly string[] | undefined => {
    const all = [...(before[key] ?? []), ...(after[key] ?? [])]
    return all.length === 0 ? undefined : all
  }
  return {
    home: home === undefined ? defaultHome(env) : resolve(cwd, home),
    network: after.network ?? before.network,
    listen: both('listen'),
    peers: both('peer'),
    bootstrap: both('bootstrap'),
    mdns: after.mdns ?? before.mdns,
    up: after.up ?? before.up,
    down: after.down ?? before.down,
    apiTcp: after.apiTcp ?? before.apiTcp,
  }
}
