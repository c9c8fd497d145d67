/** Machines and networks made of network namespaces: nothing of them is seen outside, and all of it goes again. */
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fact } from './strace.ts'

/** Why there are no namespaces here; undefined where there are. */
export const namespacesAreMissing: string | undefined = findOut()

function findOut(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are for Linux'
  if (spawnSync('ip', ['-V']).error !== undefined) return 'ip (iproute2) is not installed'
  const probe = `shoal-${process.pid}-probe`
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'network namespaces may not be made here'
  // Some containers let one be made and no link in it.
  const linked = spawnSync('ip', [
    '-n',
    probe,
    'link',
    'add',
    'probe0',
    'type',
    'veth',
    'peer',
    'name',
    'probe1',
  ])
  spawnSync('ip', ['netns', 'del', probe])
  return linked.status === 0 ? undefined : 'network interfaces may not be made here'
}

/** Why no router can be made; undefined where one can. */
export const nftIsMissing: string | undefined =
  namespacesAreMissing ??
  (spawnSync('nft', ['-v']).error === undefined ? undefined : 'nft (nftables) is not installed')

function ip(...args: readonly string[]): void {
  run('ip', args)
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

/** Longest that anything in a namespace may take to happen, in milliseconds. */
const WAIT_MS = 90_000
const POLL_MS = 20

/** A program in a namespace that says what happens as JSON lines. */
export class Resident {
  readonly facts: Fact[] = []
  readonly ended: Promise<number | null>
  readonly #child: ReturnType<typeof spawn>
  stderr = ''

  constructor(namespace: string, script: string, args: readonly string[]) {
    // `ip netns exec` becomes the program, so that a signal reaches it.
    const command = ['netns', 'exec', namespace, process.execPath, script, ...args]
    this.#child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'pipe'] })
    const { stdout, stderr } = this.#child
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#said(line))
    stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    this.ended = new Promise((resolve) => this.#child.on('close', (status) => resolve(status)))
  }

  /** Waits for what `read` finds in the facts; fails when the program ends before. */
  async until<T>(read: (facts: readonly Fact[]) => T | undefined, what: string): Promise<T> {
    const deadlineMs = performance.now() + WAIT_MS
    for (;;) {
      const value = read(this.facts)
      if (value !== undefined) return value
      if (this.#child.exitCode !== null || performance.now() > deadlineMs) {
        throw new Error(
          `waited in vain for ${what}: ${JSON.stringify(this.facts).slice(0, 500)} ${this.stderr}`,
        )
      }
      await sleep(POLL_MS)
    }
  }

  /** The first fact of a type, when it comes. */
  said(type: string): Promise<Fact> {
    return this.until((facts) => facts.find((fact) => fact.type === type), type)
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<number | null> {
    this.kill('SIGINT')
    return this.ended
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal)
  }

  #said(line: string): void {
    if (line.startsWith('{')) this.facts.push(JSON.parse(line) as Fact)
  }
}

/** Namespaces of one test. */
export class Lab {
  readonly #prefix: string
  readonly #namespaces: string[] = []
  readonly #residents: Resident[] = []

  /** @param name tells labs of one process apart */
  constructor(name: string) {
    this.#prefix = `shoal-${process.pid}-${name}`
  }

  /** A network that machines are joined to: a bridge, without a way out. */
  bridge(name: string): string {
    const namespace = this.#make(name)
    ip('-n', namespace, 'link', 'add', 'br0', 'type', 'bridge')
    ip('-n', namespace, 'link', 'set', 'br0', 'up')
    return namespace
  }

  /** A machine without any network but its loopback. */
  machine(name: string): string {
    const namespace = this.#make(name)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    return namespace
  }

  /** Takes from a machine even the interface by which it talks to itself. */
  silence(machine: string): void {
    ip('-n', machine, 'link', 'set', 'lo', 'down')
  }

  /** Joins a machine to a bridge, with addresses such as `10.0.0.1/24`; there is no route beyond them. */
  join(machine: string, bridge: string, ...cidrs: readonly string[]): void {
    this.#plug(machine, 'eth0', bridge, cidrs)
  }

  /** A router that hides `inside` behind its one address on `outside`, as those of homes do. Needs `nftIsMissing` undefined. */
  router(name: string, outside: readonly [bridge: string, cidr: string], inside: typeof outside): string {
    const router = this.machine(name)
    this.#plug(router, 'wan', outside[0], [outside[1]])
    this.#plug(router, 'eth0', inside[0], [inside[1]])
    run('ip', ['netns', 'exec', router, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
    const rules =
      'add table ip nat; add chain ip nat out { type nat hook postrouting priority 100; }; ' +
      'add rule ip nat out oifname wan masquerade; add table ip fence; ' +
      'add chain ip fence pass { type filter hook forward priority 0; policy drop; }; ' +
      'add rule ip fence pass iifname eth0 accept; add rule ip fence pass ct state established,related accept'
    run('ip', ['netns', 'exec', router, 'nft', rules])
    return router
  }

  /** What a machine sends to unknown addresses goes there. */
  route(machine: string, via: string): void {
    ip('-n', machine, 'route', 'add', 'default', 'via', via)
  }

  #plug(machine: string, device: string, bridge: string, cidrs: readonly string[]): void {
    const port = machine.slice(-12)
    ip('-n', bridge, 'link', 'add', port, 'type', 'veth', 'peer', 'name', device, 'netns', machine)
    ip('-n', bridge, 'link', 'set', port, 'master', 'br0', 'up')
    for (const cidr of cidrs) {
      const flags = cidr.includes(':') ? ['nodad'] : []
      ip('-n', machine, 'addr', 'add', cidr, 'dev', device, ...flags)
    }
    ip('-n', machine, 'link', 'set', device, 'up')
  }

  /** Starts a program of this Node in a namespace. */
  run(namespace: string, script: string, ...args: readonly string[]): Resident {
    const resident = new Resident(namespace, script, args)
    this.#residents.push(resident)
    return resident
  }

  /** Ends all programs and removes all namespaces. */
  async remove(): Promise<void> {
    for (const resident of this.#residents) resident.kill('SIGKILL')
    await Promise.all(this.#residents.map(({ ended }) => ended))
    for (const namespace of this.#namespaces.splice(0)) spawnSync('ip', ['netns', 'del', namespace])
  }

  #make(name: string): string {
    const namespace = `${this.#prefix}-${name}`
    ip('netns', 'add', namespace)
    this.#namespaces.push(namespace)
    return namespace
  }
}
