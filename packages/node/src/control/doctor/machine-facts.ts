/** The facts of this machine, as the system tells them. Nothing is written to find them out. */
import { constants, type Stats } from 'node:fs'
import { access, readFile, readdir, stat, statfs } from 'node:fs/promises'
import process from 'node:process'
import { systemCode } from '../../errors.ts'
import type { HomeFacts, MachineFacts, OpenFiles } from './facts.ts'

/** Numbers of network file systems, statfs(2) of Linux. What runs in user space (FUSE) may be a disk as well. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
])

const HAS_MODES = process.platform !== 'win32'

export interface MachineFactsInit {
  readonly home: string
  /** Bytes that this user may still write below a path. */
  readonly freeBytes: (path: string) => Promise<number>
}

export function machineFacts({ home, freeBytes }: MachineFactsInit): MachineFacts {
  return {
    home,
    node: process.versions.node,
    sqlite: process.versions['sqlite'],
    homeFacts: () => homeFacts(home),
    freeBytes: () => freeBytes(home),
    openFiles,
  }
}

async function homeFacts(home: string): Promise<HomeFacts> {
  const facts = await statOf(home)
  return {
    isFolder: facts?.isDirectory() ?? false,
    isOwn: HAS_MODES && facts !== undefined ? facts.uid === process.getuid?.() : null,
    mode: HAS_MODES && facts !== undefined ? facts.mode & 0o777 : null,
    isWritable: await isWritable(home),
    networkFileSystem: await networkFileSystem(home),
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function networkFileSystem(path: string): Promise<string | null> {
  if (process.platform !== 'linux') return null
  try {
    // The kernel's number is of 32 bits, and comes with its sign in some versions.
    return NETWORK_FILE_SYSTEMS.get((await statfs(path)).type >>> 0) ?? null
  } catch {
    return null
  }
}

/** Linux only: elsewhere nothing tells it that a program may ask at every look. */
async function openFiles(): Promise<OpenFiles> {
  if (process.platform !== 'linux') return { most: null, now: null }
  const [limits, open] = await Promise.all([
    readFile('/proc/self/limits', 'utf8').catch(() => ''),
    readdir('/proc/self/fd').catch(() => undefined),
  ])
  const most = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return { most: most === undefined ? null : Number(most), now: open?.length ?? null }
}
