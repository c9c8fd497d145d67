import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ControlClient } from '../../../src/control/client.ts'
import type { ConfigChanges } from '../../../src/control/config/change.ts'
import { liveConfig } from '../../../src/control/config/live-config.ts'
import { systemDisk, type Disk } from '../../../src/store/disk.ts'
import type { MeteredSettings } from '../../../src/control/bandwidth/bandwidth.ts'
import type { Schedule } from '../../../src/util/schedule/schedule.ts'
import type { Limits } from '../../../src/transfer/rates/rate-limits.ts'
import { serve } from '../../helpers/control.ts'
import { temporaryFolder } from '../../helpers/files.ts'

interface Running {
  readonly home: string
  readonly client: ControlClient
  /** What the node was told. */
  readonly limits: Partial<Limits>[]
  readonly quotas: number[]
  /** The same of the schedule and of metered connections. */
  readonly told: unknown[]
}

const TOO_LITTLE = 7

/** A client of a node that has its home, as far as settings go. */
async function running(disk: Partial<Disk> = {}): Promise<Running> {
  const home = await temporaryFolder()
  const limits: Partial<Limits>[] = []
  const quotas: number[] = []
  const told: unknown[] = []
  const bandwidth = {
    setLimits: (given: Partial<Limits>) => void limits.push(given),
    setSchedule: (given: Schedule) => void told.push(given),
    setMetered: (given: MeteredSettings) => void told.push(given),
  }
  const setQuota = async (bytes: number): Promise<boolean> => {
    quotas.push(bytes)
    return bytes !== TOO_LITTLE
  }
  const { paths } = await serve({
    config: liveConfig(home, { ...systemDisk, ...disk }, bandwidth, setQuota),
  })
  return { home, limits, quotas, told, client: (await ControlClient.connect(paths)) as ControlClient }
}

async function fileOf(home: string): Promise<unknown> {
  return JSON.parse(await readFile(join(home, 'config.json'), 'utf8'))
}

test('limits hold at once, also when they are taken back; the rest waits for the next start', async () => {
  const { client, home, limits } = await running()
  expect(await client.configure({ up: 5, mdns: false })).toEqual({
    settings: [
      { type: 'config', key: 'mdns', value: false, default: false, restart: true },
      { type: 'config', key: 'up', value: 5, default: false, restart: false },
    ],
    warnings: [],
  })
  await client.configure({ down: 6, up: null })
  expect(limits).toEqual([{ up: 5 }, { up: 0, down: 6 }])
  expect(await fileOf(home)).toEqual({ mdns: false, down: 6 })
  expect((await client.config()).settings.find(({ key }) => key === 'down')).toMatchObject({ value: 6 })
})

test('a quota holds at once, and it is told when what is used is more', async () => {
  const { client, quotas } = await running()
  expect(await client.configure({ quota: 1_000 })).toMatchObject({
    settings: [{ key: 'quota', value: 1_000, restart: false }],
    warnings: [],
  })
  expect((await client.configure({ quota: TOO_LITTLE })).warnings).toMatchObject([
    { code: 'WARN_OVER_QUOTA', message: expect.stringContaining('more than 7 B are used') as string },
  ])
  await client.configure({ quota: null })
  await client.configure({ up: 1 })
  expect(quotas).toEqual([1_000, TOO_LITTLE, 0])
})

test('a schedule and what is said of metered connections hold at once, also when they are taken back', async () => {
  const { client, home, told } = await running()
  const schedule = ['mon-fri 08:00-18:00 down=1MB', 'sat 22:00-06:00 pause']
  expect(await client.configure({ schedule, metered: 'on', 'on-metered': 'go' })).toEqual({
    settings: [
      { type: 'config', key: 'schedule', value: schedule, default: false, restart: false },
      { type: 'config', key: 'metered', value: 'on', default: false, restart: false },
      { type: 'config', key: 'on-metered', value: 'go', default: false, restart: false },
    ],
    warnings: [],
  })
  expect(await fileOf(home)).toEqual({ schedule, metered: 'on', 'on-metered': 'go' })
  await client.configure({ schedule: null, metered: null, 'on-metered': null })
  expect(told).toEqual([
    [
      { days: [1, 2, 3, 4, 5], from: 480, to: 1_080, down: 1_000_000, pause: false },
      { days: [6], from: 1_320, to: 360, pause: true },
    ],
    { metered: 'on' },
    { whenMetered: 'go' },
    [],
    { metered: 'auto' },
    { whenMetered: 'pause' },
  ])
})

test('changes at the same moment lose nothing', async () => {
  const { client, home } = await running()
  const changes: ConfigChanges[] = [{ up: 1 }, { down: 2 }, { mdns: true }, { network: 'private' }]
  await Promise.all([...changes, ...changes].map((each) => client.configure(each)))
  expect(await fileOf(home)).toEqual({ up: 1, down: 2, mdns: true, network: 'private' })
})

test('what is not on the disk is not gone by', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const { client, limits } = await running({ replaceFile: () => Promise.reject(full) })
  await expect(client.configure({ up: 5 })).rejects.toMatchObject({ code: 'ERR_DISK_FULL' })
  expect(limits).toEqual([])
})

test('a damaged file is told over the API as without a node', async () => {
  const { client, home } = await running()
  await writeFile(join(home, 'config.json'), '{')
  const damaged = { code: 'ERR_HOME_INVALID', message: expect.stringContaining('config.json') as string }
  await expect(client.config()).rejects.toMatchObject(damaged)
  await expect(client.configure({ up: 5 })).rejects.toMatchObject(damaged)
})

describe('a malformed request changes nothing', () => {
  test.each<[string, object]>([
    ['a setting that is none', { colour: 'red' }],
    ['a wrong kind', { up: '5' }],
    ['a text in place of a list', { listen: '/ip4/127.0.0.1/tcp/0' }],
    ['a network that is none', { network: 'world' }],
    ['a list', []],
    ['an entry of a schedule that is none', { schedule: ['mon-fri 08:00-25:00 pause'] }],
    ['a schedule that is one text', { schedule: 'mon 08:00-18:00 pause' }],
    ['metered as it cannot be', { metered: 'yes' }],
    ['what cannot be done when metered', { 'on-metered': 'stop' }],
  ])('%s', async (_what, body) => {
    const { client, home } = await running()
    await expect(client.configure(body)).rejects.toMatchObject({ code: 'ERR_OPTIONS_INVALID' })
    await expect(fileOf(home)).rejects.toThrow('ENOENT')
  })
})
