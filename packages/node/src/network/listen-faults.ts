/** Why addresses cannot be listened on: the library goes on without them and keeps the reasons to itself. */
import type { Transport } from '@libp2p/interface'
import { ShoalError, systemCode } from '../errors.ts'

interface Reason {
  readonly text: string
  readonly hint: string
}

const REASONS: Readonly<Record<string, Reason>> = {
  EADDRINUSE: {
    text: 'another program uses the port',
    hint: 'Give another port with --listen, or end the program that uses this one.',
  },
  EADDRNOTAVAIL: {
    text: 'this device does not have that address now',
    hint: 'Switch on the network that the address belongs to, or leave --listen out to use whatever address there is.',
  },
  EACCES: {
    text: 'this user may not use the port',
    hint: 'Give a port from 1024 on with --listen.',
  },
  EAFNOSUPPORT: {
    text: 'this device has no such network',
    hint: 'Give an address of another kind with --listen: IPv4 instead of IPv6.',
  },
}

export class ListenFaults {
  /** Addresses that are listened on. */
  listening = 0
  readonly #faults = new Map<string, unknown>()

  /** The transport, whose listeners tell here what becomes of them. */
  watch<C>(make: (components: C) => Transport): (components: C) => Transport {
    return (components) => {
      const transport = make(components)
      const createListener = transport.createListener.bind(transport)
      transport.createListener = (options) => {
        const listener = createListener(options)
        const listen = listener.listen.bind(listener)
        listener.listen = async (address) => {
          try {
            await listen(address)
            this.listening++
          } catch (error) {
            this.#faults.set(address.toString(), error)
            throw error
          }
        }
        return listener
      }
      return transport
    }
  }

  /** What is said when none of these can be listened on. */
  error(addresses: readonly string[]): ShoalError {
    const causes = addresses.map((address) => this.#faults.get(address))
    const said = addresses.map((address, at) => `${address} (${textOf(causes[at])})`)
    const hints = new Set(causes.map((cause) => REASONS[systemCode(cause) ?? '']?.hint))
    const [hint] = hints
    return new ShoalError('ERR_LISTEN', `cannot listen on ${said.join(', ')}`, {
      cause: causes.find((cause) => cause !== undefined),
      // Several reasons have nothing in common but the option.
      ...(hints.size === 1 && hint !== undefined ? { hint } : {}),
    })
  }
}

function textOf(cause: unknown): string {
  if (cause === undefined) return 'not an address of TCP'
  const code = systemCode(cause)
  return REASONS[code ?? '']?.text ?? code ?? (cause as Error).message
}
