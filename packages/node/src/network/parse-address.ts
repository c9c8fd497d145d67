/** Whether a text is an address. Loads nothing of libp2p. */
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { ShoalError } from '../errors.ts'

/** @throws ShoalError ERR_OPTIONS_INVALID */
export function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    throw new ShoalError('ERR_OPTIONS_INVALID', `${address} is no address such as /ip4/192.0.2.1/tcp/4001`, {
      cause,
    })
  }
}
