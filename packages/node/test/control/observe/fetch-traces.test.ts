/** Spans of a fetch, as a program sees them that has registered who takes them. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LOOPBACK, startNode, temporaryFolder } from '../../../../../test/helpers/nodes.ts'
import { SecretScan, secretsOf } from '../../../../../test/helpers/secrets.ts'
import { MAX_DIAL_SPANS, traceFetch } from '../../../src/control/observe/fetch-traces.ts'
import { ShoalError } from '../../../src/errors.ts'
import type { Host } from '../../../src/network/host.ts'

const ROOT = 'bafyroot'

function exporter(): InMemorySpanExporter {
  const spans = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  onTestFinished(() => trace.disable())
  return spans
}

const named = (spans: readonly ReadableSpan[], name: string): ReadableSpan[] =>
  spans.filter((span) => span.name === name)
const startOf = ({ startTime: [seconds, nanoseconds] }: ReadableSpan): number => seconds + nanoseconds / 1e9
const endOf = ({ endTime: [seconds, nanoseconds] }: ReadableSpan): number => seconds + nanoseconds / 1e9

test('without anybody who takes spans there are none, and nothing is loaded', () => {
  expect(traceFetch(ROOT)).toBeUndefined()
})

test(
  'a fetch is a span with its search, its dials, its transfer and its disk below',
  { timeout: 60_000 },
  async () => {
    const spans = exporter()
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'film.bin'), randomBytes(3_000_000))
    const alice = await startNode(LOOPBACK)
    const share = await alice.share(join(folder, 'film.bin'))
    const bob = await startNode(LOOPBACK)
    await bob.fetch(share.link, { directory: join(folder, 'out') })

    const all = spans.getFinishedSpans()
    const [fetch, ...others] = named(all, 'shoal.fetch') as [ReadableSpan, ...ReadableSpan[]]
    expect(others).toEqual([])
    expect(fetch.parentSpanContext).toBeUndefined()
    expect(fetch.attributes).toMatchObject({
      'shoal.root': share.root,
      'shoal.bytes': 3_000_000,
      'shoal.files': 1,
      'shoal.bytes_reused': 0,
    })
    expect(Number(fetch.attributes['shoal.bytes_fetched'])).toBeGreaterThan(3_000_000)
    const below = all.filter((span) => span !== fetch)
    for (const span of below) expect(span.parentSpanContext?.spanId).toBe(fetch.spanContext().spanId)
    expect(new Set(below.map(({ name }) => name))).toEqual(
      new Set(['shoal.discovery', 'shoal.dial', 'shoal.transfer', 'shoal.disk']),
    )
    const [discovery] = named(below, 'shoal.discovery') as [ReadableSpan]
    const [transfer] = named(below, 'shoal.transfer') as [ReadableSpan]
    const [disk] = named(below, 'shoal.disk') as [ReadableSpan]
    const dial = named(below, 'shoal.dial').find(({ attributes }) => attributes['shoal.peer'] !== undefined)
    expect(dial?.attributes).toMatchObject({ 'shoal.peer': alice.peerId, 'shoal.origin': 'named' })
    expect(discovery.attributes).toMatchObject({ 'shoal.source': 'link' })
    // One after the other.
    expect(startOf(discovery)).toBeLessThanOrEqual(startOf(dial as ReadableSpan))
    expect(endOf(discovery)).toBeLessThanOrEqual(startOf(transfer) + 0.001)
    expect(endOf(transfer)).toBeLessThanOrEqual(startOf(disk) + 0.001)
    expect(endOf(disk)).toBeLessThanOrEqual(endOf(fetch) + 0.001)
    expect(all.every(({ status }) => status.code === SpanStatusCode.UNSET)).toBe(true)

    const scan = new SecretScan(Object.fromEntries(secretsOf(share.link).map((it, i) => [`link ${i}`, it])))
    const told = JSON.stringify(
      all.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    )
    expect(scan.find(told)).toEqual([])
    expect(told).not.toContain(folder)
    expect(told).not.toContain('film')
  },
)

test('a fetch that fails says with which code, and no more', { timeout: 60_000 }, async () => {
  const spans = exporter()
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a.txt'), 'a')
  const alice = await startNode(LOOPBACK)
  const { link } = await alice.share(join(folder, 'a.txt'))
  await alice.stop()
  const bob = await startNode(LOOPBACK)
  await expect(bob.fetch(link, { directory: folder, waitMs: 200 })).rejects.toMatchObject({
    code: 'ERR_NO_PROVIDER',
  })
  const all = spans.getFinishedSpans()
  const [fetch] = named(all, 'shoal.fetch') as [ReadableSpan]
  expect(fetch.status).toEqual({ code: SpanStatusCode.ERROR, message: 'ERR_NO_PROVIDER' })
  expect(fetch.attributes['error.type']).toBe('ERR_NO_PROVIDER')
  expect(named(all, 'shoal.discovery')[0]?.status.code).toBe(SpanStatusCode.ERROR)
  expect(named(all, 'shoal.dial')[0]?.attributes['error.type']).toBe('ERR_NO_PROVIDER')
  expect(named(all, 'shoal.transfer')).toEqual([])
})

describe('a fetch that tries for days', () => {
  test('has a bounded number of spans', async () => {
    const spans = exporter()
    const noted = await traceFetch(ROOT)
    const refused: Host['dial'] = () => Promise.reject(new ShoalError('ERR_NO_PROVIDER', 'nobody'))
    const dial = noted?.dials(refused) ?? refused
    for (let i = 0; i < MAX_DIAL_SPANS + 10; i++) {
      await expect(dial([])).rejects.toMatchObject({ code: 'ERR_NO_PROVIDER' })
    }
    noted?.failed(new ShoalError('ERR_NODE_STOPPED', 'enough'))
    const all = spans.getFinishedSpans()
    expect(named(all, 'shoal.dial')).toHaveLength(MAX_DIAL_SPANS)
    expect(named(all, 'shoal.fetch')[0]?.attributes['shoal.dials']).toBe(MAX_DIAL_SPANS + 10)
  })
})
