/** The identity and the host of a node: those of its home, or those of the libp2p node that a program brought along. */
import { loadIdentity, makeHome } from './identity/identity.ts'
import { startHost, type Host, type HostInit } from './network/host.ts'
import { resolveListen } from './network/listen-port.ts'
import type { HostLibp2p, ResolvedNodeOptions } from './options.ts'
import { loadPort, savePort, type HomePaths } from './store/home.ts'
import { PROTOCOL } from './transfer/constants.ts'

/** Who a node is: its home's own key, or the libp2p node that was brought along and has one. */
export type NodeIdentity = { readonly peerId: string } & (
  | { readonly privateKey: Uint8Array }
  | { readonly libp2p: HostLibp2p }
)

export interface NodeHostInit extends Pick<
  HostInit,
  'seams' | 'disk' | 'onChannel' | 'isServed' | 'onWarning' | 'log' | 'shedding'
> {
  readonly identity: NodeIdentity
  readonly options: ResolvedNodeOptions
  readonly paths: HomePaths
}

/** Makes the home. It gets a key of its own only where it needs one. Throws as `loadIdentity`. */
export async function openIdentity({ home, libp2p }: ResolvedNodeOptions): Promise<NodeIdentity> {
  if (libp2p === undefined) return loadIdentity(home)
  await makeHome(home)
  return { peerId: libp2p.peerId.toString(), libp2p }
}

/** @throws ShoalError as `startHost` and `embedHost` */
export async function openHost({ identity, options, paths, ...rest }: NodeHostInit): Promise<Host> {
  const { network } = options
  const common = { ...rest, network, bookFile: paths.peersFile, protocol: PROTOCOL }
  if ('libp2p' in identity) {
    const { embedHost } = await import('./network/embedded-host.ts')
    return embedHost({ ...common, libp2p: identity.libp2p })
  }
  return startHost({
    ...common,
    privateKey: identity.privateKey,
    listen: await resolveListen(options.listen, {
      load: () => loadPort(paths),
      save: (port) => savePort(paths, port, rest.disk),
    }),
    bootstrap: options.bootstrap,
    mdns: options.mdns,
    networkKey: options.networkKey,
    isDebugged: process.env['DEBUG'] !== undefined,
  })
}
