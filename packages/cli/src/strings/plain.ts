import type { StatusEvent } from '@shoal/node/control'
import { formatInstant, formatRate } from '../format.ts'
import { devices, files, joined, sources, visibility } from './words.ts'

/** Plain lines: what a log keeps, one exact fact a line. */
export const PLAIN = {
  reading: (name: string) => `share ${name}: reading`,
  read: (name: string, percent: string, bytes: number) => `share ${name}: ${percent} read, ${bytes} bytes`,
  ready: (name: string, content: { files: number; bytes: number; isFolder: boolean; isPrivate: boolean }) =>
    `share ${name}: ${joined(
      'ready',
      content.isFolder ? files(content.files) : '',
      `${content.bytes} bytes`,
      visibility(content.isPrivate),
    )}`,
  privacy: (name: string, sentence: string) => `share ${name}: ${sentence}`,
  detached: (name: string, link: string) =>
    `share ${name}: goes on in the background, until shoal unshare ${link}`,
  served: (name: string, bytes: number, connected: number) =>
    `share ${name}: sent ${bytes} bytes, ${devices(connected)} connected`,
  finished: (name: string, count: number) => `share ${name}: ${devices(count)} finished`,
  stopped: (name: string, bytes: number) => `share ${name}: stopped, sent ${bytes} bytes`,
  searching: 'fetch: looking for a source',
  begun: (name: string, count: number, bytes: number) => `fetch ${name}: ${files(count)}, ${bytes} bytes`,
  progress: (name: string, facts: { percent: string; bytes: number; rate: number; sources: number }) =>
    `fetch ${name}: ${joined(
      facts.percent,
      `${facts.bytes} bytes`,
      formatRate(facts.rate),
      sources(facts.sources),
    )}`,
  waiting: (name: string | undefined, seconds: number, isOnline: boolean) =>
    `${name === undefined ? 'fetch' : `fetch ${name}`}: waiting, ${
      isOnline ? `${seconds} s without data` : `no source online, ${seconds} s`
    }`,
  done: (name: string, bytes: number, seconds: number) =>
    `fetch ${name}: done, ${bytes} bytes, ${Number(seconds.toFixed(1))} s`,
  alreadyHere: (name: string, bytes: number) => `fetch ${name}: ${bytes} bytes were already here`,
  seeding: (name: string) => `fetch ${name}: serving it to others under the same link`,
  seeded: (name: string, bytes: number, connected: number) =>
    `fetch ${name}: sent ${bytes} bytes, ${devices(connected)} connected`,
  seedFinished: (name: string, count: number) => `fetch ${name}: ${devices(count)} finished`,
  stoppedSeeding: (name: string, bytes: number) => `fetch ${name}: stopped serving, sent ${bytes} bytes`,
  daemonStopped: (pid: number) => `shoal daemon: stopped, pid ${pid}`,
  installed: (file: string) => `shoal daemon: installed, ${file}`,
  uninstalled: (file: string) => `shoal daemon: removed, ${file}`,
  daemonCutOff: (seconds: number) =>
    `shoal daemon: some work did not end within ${seconds} s and was cut off`,
  comparing: (name: string) => `verify ${name}: looking for a source`,
  compared: (name: string, percent: string, bytes: number) =>
    `verify ${name}: ${percent} compared, ${bytes} bytes`,
  same: (name: string, bytes: number, seconds: number) =>
    `verify ${name}: the same, ${bytes} bytes, ${Number(seconds.toFixed(1))} s`,
  contentWaiting: (command: string, seconds: number) => `${command}: waiting, ${seconds} s without data`,
  listWaiting: (seconds: number) => `ls: waiting, ${seconds} s without data`,
  /** Numbers and times for scripts, separated by tabs; a name has none of its own, for it is escaped. */
  row: (bytes: number, time: string, name: string) => `${bytes}\t${time}\t${name}`,
  /** Fields for scripts, separated by tabs. */
  status: (status: StatusEvent, isVerbose: boolean): readonly string[] => [
    `pid\t${status.pid}`,
    `background\t${status.daemon ? 'yes' : 'no'}`,
    `uptime\t${Math.floor(status.uptime)}`,
    `network\t${status.network}`,
    `connected\t${status.discovery.connected}`,
    `announcing\t${status.discovery.dht?.waiting ?? 0}`,
    `up\t${status.up}`,
    `down\t${status.down}`,
    ...(status.bandwidth.scheduled ? ['schedule\tyes'] : []),
    ...(status.bandwidth.until === null ? [] : [`until\t${formatInstant(status.bandwidth.until) ?? ''}`]),
    ...(status.bandwidth.pause === null ? [] : [`waiting\t${status.bandwidth.pause}`]),
    ...(isVerbose || status.loop.shedding
      ? [
          `late\t${status.loop.delayMs}`,
          `shedding\t${status.loop.shedding ? 'yes' : 'no'}`,
          `shed\t${status.loop.shed}`,
        ]
      : []),
    ...(status.api === null ? [] : [`api\t${status.api}`]),
    ...status.addresses.map((address) => `address\t${address}`),
  ],
  statusShare: (state: string, bytes: number, name: string) => `share\t${state}\t${bytes}\t${name}`,
  share: (state: string, bytes: number, name: string, link: string) => `${state}\t${bytes}\t${name}\t${link}`,
  configSet: (key: string, value: string) => `config ${key}: ${value}`,
  configReset: (key: string, value: string) => `config ${key}: ${joined('default', value)}`,
  configLater: (line: string) => `${line}, when what runs is started again`,
  /** Fields for scripts, separated by tabs. */
  setting: (key: string, isDefault: boolean, values: readonly string[]) =>
    [key, isDefault ? 'default' : 'set', ...values].join('\t'),
  unshared: (name: string) => `unshare ${name}: done, its link no longer works`,
  warning: (message: string) => `warning: ${message}`,
} as const
