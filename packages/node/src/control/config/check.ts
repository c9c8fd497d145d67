/** Whether settings are what a node takes: by the engine's own checks, so that what is kept is what can be started with. */
import { resolveOptions, type NodeOptions } from '../../options.ts'
import { checkKind } from '../../util/option-kinds.ts'
import { CONFIG_KEYS, CONFIG_KEY_NAMES, type Config } from './keys.ts'

/** The settings as options of a node. */
export function configOptions(config: Config): NodeOptions {
  const given = CONFIG_KEY_NAMES.filter((key) => config[key] !== undefined)
  return Object.fromEntries(given.map((key) => [CONFIG_KEYS[key].option, config[key]]))
}

/**
 * Options of a node as they are where some are given and the rest is up to the settings of its home.
 *
 * @param given what was said for this node: it stands above the settings
 */
export function withConfig<Given extends NodeOptions>(given: Given, config: Config): Given & NodeOptions {
  const { network } = given
  // The network lan has none of the first and cannot do without the second: who asks for it means neither setting.
  const { bootstrap: _bootstrap, mdns: _mdns, ...fitting } = config
  return { ...configOptions(network === 'lan' ? fitting : config), ...given }
}

/** @throws ShoalError ERR_OPTIONS_INVALID, naming the setting */
export function checkConfig(
  config: Readonly<Partial<Record<keyof Config, unknown>>>,
): asserts config is Config {
  for (const key of CONFIG_KEY_NAMES) {
    if (config[key] !== undefined) checkKind(key, config[key], CONFIG_KEYS[key].kind)
  }
  // What the values say together, and without the environment of this process, which another may have another of.
  resolveOptions(configOptions(config as Config), {})
}

/** @throws ShoalError ERR_OPTIONS_INVALID for a text that is no address */
export async function checkAddresses(config: Config): Promise<void> {
  const keys = CONFIG_KEY_NAMES.filter((key) => CONFIG_KEYS[key].areAddresses)
  const addresses = keys.map((key) => config[key] ?? []).flat()
  if (addresses.length === 0) return
  // Without any, nothing of this is loaded.
  const { parseAddress } = await import('../../network/parse-address.ts')
  for (const address of addresses) parseAddress(String(address))
}
