/** What a node tells a monitoring system is what happened, and nothing of it names anybody. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { METRICS } from '../../packages/node/src/control/observe/catalogue.ts'
import { askSocket, metricsOf } from '../helpers/metrics.ts'
import { startNode, temporaryFolder } from '../helpers/nodes.ts'

const BYTES = 3_000_000

test('two nodes share and fetch, and their metrics say so', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const homes = { alice: join(folder, 'alice'), bob: join(folder, 'bob') }
  await writeFile(join(folder, 'film.bin'), randomBytes(BYTES))
  const alice = await startNode({ home: homes.alice })
  const share = await alice.share(join(folder, 'film.bin'))
  const bob = await startNode({ home: homes.bob, down: 50_000_000 })
  await bob.fetch(share.link, { directory: join(folder, 'out') })
  await expect(bob.fetch(share.link, { directory: join(folder, 'out'), only: ['['] })).rejects.toMatchObject({
    code: 'ERR_OPTIONS_INVALID',
  })

  const got = await metricsOf(homes.bob)
  expect(got.get('shoal_operations_ended_total{operation="fetch",result="done"}')).toBe(1)
  expect(got.get('shoal_operations_ended_total{operation="fetch",result="failed"}')).toBe(1)
  expect(got.get('shoal_operations_running{operation="fetch"}')).toBe(0)
  expect(got.get('shoal_received_bytes_total{kind="block"}')).toBeGreaterThan(BYTES)
  expect(got.get('shoal_received_bytes_total{kind="node"}')).toBeGreaterThan(0)
  expect(got.get('shoal_blocks_received_total{outcome="verified"}')).toBeGreaterThan(2)
  expect(got.get('shoal_blocks_received_total{outcome="wrong"}')).toBe(0)
  expect(got.get('shoal_worker_job_seconds_count{job="write"}')).toBeGreaterThan(2)
  expect(got.get('shoal_worker_job_seconds_count{job="write"}')).toBe(
    got.get('shoal_worker_job_seconds_bucket{le="+Inf",job="write"}'),
  )
  expect(got.get('shoal_worker_jobs_pending')).toBe(0)
  expect(got.get('shoal_rate_limit_bytes_per_second{direction="down"}')).toBe(50_000_000)
  expect(got.get('shoal_dials_total{result="connected"}')).toBeGreaterThan(0)
  expect(got.get('shoal_source_opened_total{source="link"}')).toBe(1)
  expect(got.get('shoal_peers_connected')).toBe(1)
  await vi.waitFor(async () => {
    const ended = await metricsOf(homes.bob)
    expect(ended.get('shoal_sessions_ended_total{reason="done"}')).toBe(1)
    expect(ended.get('shoal_sessions_open{opener="ours"}')).toBe(0)
  })
  expect((await metricsOf(homes.bob)).get('process_resident_memory_bytes')).toBeGreaterThan(1e7)

  const given = await metricsOf(homes.alice)
  expect(given.get('shoal_sent_bytes_total{kind="block"}')).toBe(
    got.get('shoal_received_bytes_total{kind="block"}'),
  )
  expect(given.get('shoal_shares{state="serving"}')).toBe(1)
  expect(given.get('shoal_served_roots')).toBe(1)
  expect(given.get('shoal_gate_connections{state="established"}')).toBe(1)
  expect(given.get('shoal_database_bytes{database="shares"}')).toBeGreaterThan(0)
})

test('who is not entitled is told nothing, and is counted', async () => {
  const home = join(await temporaryFolder(), 'home')
  await startNode({ home })
  const refused = await askSocket(home, '/v1/metrics', { host: 'localhost' })
  expect(refused.status).toBe(401)
  expect(refused.text).not.toContain('shoal_')
  expect((await askSocket(home, '/v1/nothing/of/ours?a=b')).status).toBe(404)
  const answer = await askSocket(home, '/v1/metrics')
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const samples = await metricsOf(home)
  expect(samples.get('shoal_api_requests_total{method="GET",route="/v1/metrics",status="401"}')).toBe(1)
  expect(samples.get('shoal_api_requests_total{method="none",route="none",status="404"}')).toBe(1)
})

test('every label has one of the values that the document names', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await writeFile(join(folder, 'a.txt'), 'a')
  const alice = await startNode()
  const { link } = await alice.share(join(folder, 'a.txt'))
  const bob = await startNode({ home })
  await bob.fetch(link, { directory: join(folder, 'out') })
  // The answer before counts in this one.
  await askSocket(home, '/v1/metrics')
  const { text } = await askSocket(home, '/v1/metrics')
  const told = new Set<string>()
  for (const line of text.split('\n').filter((it) => it !== '' && !it.startsWith('#'))) {
    const [, name = '', labels = ''] = /^([a-z_0-9]+)(?:\{(.*)\})?/.exec(line) ?? []
    const metric = METRICS.find((it) =>
      it.type === 'histogram' ? name.startsWith(`${it.name}_`) : it.name === name,
    )
    expect(metric, line).toBeDefined()
    told.add(metric?.name ?? '')
    for (const [, label = '', value = ''] of labels.matchAll(/([a-z]+)="([^"]*)"/g)) {
      const allowed = label === 'le' ? 'a bound' : metric?.labels?.[label]
      expect(allowed, line).toBeDefined()
      if (typeof allowed === 'object') expect(allowed, line).toContain(value)
      else expect(value, line).toMatch(/^([0-9.]+|\+Inf|\/v1\/[a-z/:-]+|[A-Z]+|none)$/)
    }
  }
  // What is of a network or a system that is not here.
  const elsewhere = ['shoal_lan_devices', 'process_open_fds']
  const absent = METRICS.filter(({ name }) => !told.has(name) && !elsewhere.includes(name))
  expect(absent.map(({ name }) => name)).toEqual([])
  for (const secret of [link.split('#')[1] ?? '', alice.peerId, bob.peerId, folder]) {
    expect(text).not.toContain(secret)
  }
})

test('two nodes of one process count apart', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a.txt'), 'a')
  const homes = [join(folder, 'one'), join(folder, 'two')] as const
  const one = await startNode({ home: homes[0] })
  await startNode({ home: homes[1] })
  await one.share(join(folder, 'a.txt'))
  expect((await metricsOf(homes[0])).get('shoal_shares{state="serving"}')).toBe(1)
  expect((await metricsOf(homes[1])).get('shoal_shares{state="serving"}')).toBe(0)
})
