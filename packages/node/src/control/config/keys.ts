/** The settings that a home keeps: one row each. What a command line makes of a value, and how it is shown, is not the engine's. */
import {
  DEFAULT_LISTEN,
  type Metered,
  type NetworkPreset,
  type NodeOptions,
  type WhenMetered,
} from '../../options.ts'
import { PRESETS } from '../../network/presets.ts'
import type { OptionKind } from '../../util/option-kinds.ts'

/** The settings of a home: by key what was set, nothing for what was not. */
export interface Config {
  readonly network?: NetworkPreset
  readonly listen?: readonly string[]
  readonly bootstrap?: readonly string[]
  readonly peer?: readonly string[]
  readonly mdns?: boolean
  /** Bytes per second; 0 = no limit. */
  readonly up?: number
  readonly down?: number
  /** Bytes; 0 = no limit. */
  readonly quota?: number
  /** One text for each entry, as `NodeOptions.schedule`. */
  readonly schedule?: readonly string[]
  readonly metered?: Metered
  readonly 'on-metered'?: WhenMetered
}

export type ConfigKey = keyof Config

interface KeyEntry<Key extends ConfigKey> {
  /** Which option of a node it stands for. */
  readonly option: keyof NodeOptions
  readonly kind: OptionKind
  /** What holds where nothing is set. */
  readonly unset: (config: Config) => NonNullable<Config[Key]>
  /** Whether its texts are addresses. */
  readonly areAddresses?: true
  /** Whether a running node takes a change up at once. */
  readonly isLive: boolean
}

const presetOf = ({ network = 'public' }: Config): (typeof PRESETS)[NetworkPreset] => PRESETS[network]

/** In the order in which they are told. */
export const CONFIG_KEYS: { readonly [Key in ConfigKey]-?: KeyEntry<Key> } = {
  network: { option: 'network', kind: 'text', unset: () => 'public', isLive: false },
  listen: {
    option: 'listen',
    kind: 'texts',
    areAddresses: true,
    unset: () => DEFAULT_LISTEN,
    isLive: false,
  },
  bootstrap: {
    option: 'bootstrap',
    kind: 'texts',
    areAddresses: true,
    unset: (config) => presetOf(config).bootstrap,
    isLive: false,
  },
  peer: { option: 'peers', kind: 'texts', areAddresses: true, unset: () => [], isLive: false },
  mdns: { option: 'mdns', kind: 'flag', unset: (config) => presetOf(config).mdns, isLive: false },
  up: { option: 'up', kind: 'rate', unset: () => 0, isLive: true },
  down: { option: 'down', kind: 'rate', unset: () => 0, isLive: true },
  quota: { option: 'quota', kind: 'size', unset: () => 0, isLive: true },
  schedule: { option: 'schedule', kind: 'texts', unset: () => [], isLive: true },
  metered: { option: 'metered', kind: 'text', unset: () => 'auto', isLive: true },
  'on-metered': { option: 'whenMetered', kind: 'text', unset: () => 'pause', isLive: true },
}

export const CONFIG_KEY_NAMES = Object.keys(CONFIG_KEYS) as readonly ConfigKey[]

export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(CONFIG_KEYS, name)
}
