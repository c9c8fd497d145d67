/** The command line of a node in the background. */
import type { NodeFlags } from '../with-node.ts'

/** `shoal daemon run` with these flags, as whoever starts it has to say it: the program, then what it is given. */
export function daemonCommand(flags: NodeFlags): string[] {
  const { execPath, execArgv, argv } = process
  return [execPath, ...execArgv, argv[1] ?? '', 'daemon', 'run', '--json', ...argumentsOf(flags)]
}

function argumentsOf({
  home,
  network,
  listen,
  peers,
  bootstrap,
  mdns,
  apiTcp,
  up,
  down,
}: NodeFlags): string[] {
  const each = (flag: string, values: readonly string[] = []): string[] =>
    values.flatMap((value) => [flag, value])
  const one = (flag: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [flag, String(value)]
  return [
    ...one('--home', home),
    ...one('--network', network),
    ...each('--listen', listen),
    ...each('--peer', peers),
    ...each('--bootstrap', bootstrap),
    ...(mdns === undefined ? [] : ['--mdns']),
    ...(apiTcp === undefined ? [] : ['--api-tcp', apiTcp ? 'on' : 'off']),
    ...one('--up', up),
    ...one('--down', down),
  ]
}
