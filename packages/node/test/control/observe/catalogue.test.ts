/** Metrics are named as is usual, and what the dashboard and the alerts ask for is there. */
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { unknownMetrics } from '../../../../../scripts/metric-names.ts'
import { METRICS } from '../../../src/control/observe/catalogue.ts'

const MONITORING = new URL('../../../../../docs/monitoring/', import.meta.url)
const read = (name: string): Promise<string> => readFile(new URL(name, MONITORING), 'utf8')

describe.each(METRICS)('$name', ({ name, type, help, labels = {} }) => {
  test('is named as is usual', () => {
    expect(name).toMatch(/^(shoal|process|nodejs)(_[a-z0-9]+)+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(name).not.toMatch(/_(ms|milliseconds|kb|mib|megabytes|percent)(_|$)/)
    expect(help).toMatch(/[.]$/)
  })

  test('has few labels, of values that nobody else chooses', () => {
    expect(Object.keys(labels).length).toBeLessThanOrEqual(3)
    for (const label of Object.keys(labels)) {
      expect(label).toMatch(/^[a-z]+$/)
      expect(['peer', 'root', 'path', 'name', 'address', 'le']).not.toContain(label)
    }
  })
})

test('no two metrics have one name', () => {
  expect(new Set(METRICS.map(({ name }) => name)).size).toBe(METRICS.length)
})

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

test('the dashboard is JSON, and each of its panels asks for metrics that are there', async () => {
  const { panels } = JSON.parse(await read('grafana-dashboard.json')) as { panels: readonly Panel[] }
  expect(panels.length).toBeGreaterThan(10)
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      expect(expr, title).toMatch(/\b(shoal|process|nodejs)_/)
      expect(unknownMetrics(expr, METRICS), title).toEqual([])
    }
  }
})

test('each alert asks for metrics that are there, and says what to do', async () => {
  const text = await read('alerts.yml')
  const rules = text.split('- alert: ').slice(1)
  expect(rules.length).toBeGreaterThan(5)
  for (const rule of rules) expect(rule).toMatch(/expr: .*\n[\s\S]*summary: .*\n\s+remedy: /)
  expect(unknownMetrics(text, METRICS)).toEqual([])
})

test('the tests above can fail', () => {
  expect(unknownMetrics('rate(shoal_bytes_total[5m]) + shoal_uptime_seconds', METRICS)).toEqual([
    'shoal_bytes_total',
  ])
  expect(unknownMetrics('shoal_worker_job_seconds_bucket shoal_uptime_seconds_bucket', METRICS)).toEqual([
    'shoal_uptime_seconds_bucket',
  ])
})
