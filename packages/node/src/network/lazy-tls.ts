/**
 * TLS as an encrypter that is loaded when a peer asks for it: two nodes agree on Noise, which stands first, and the
 * library is a sixth of what a start costs.
 */
import type { ConnectionEncrypter } from '@libp2p/interface'
import type { TLSComponents } from '@libp2p/tls'

/** Of the libp2p specification, https://github.com/libp2p/specs/blob/master/tls/tls.md. */
const PROTOCOL = '/tls/1.0.0'

export function lazyTls(): (components: TLSComponents) => ConnectionEncrypter {
  return (components) => {
    let loaded: Promise<ConnectionEncrypter> | undefined
    const load = (): Promise<ConnectionEncrypter> =>
      (loaded ??= import('@libp2p/tls').then(({ tls }) => tls()(components)))
    return {
      protocol: PROTOCOL,
      secureInbound: async (connection, options) => (await load()).secureInbound(connection, options),
      secureOutbound: async (connection, options) => (await load()).secureOutbound(connection, options),
    }
  }
}
