/** Metrics as text, in the format of Prometheus. What writes it is loaded when somebody asks first. */
import type { Metric as PromMetric, Registry } from 'prom-client'
import type { Distribution } from '../../util/distribution.ts'
import { METRICS } from './catalogue.ts'
import type { Metric, Sample } from './metric.ts'
import type { NodeFacts } from './node-facts.ts'

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

interface Line {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  readonly metricName?: string
}

export class Exposition {
  readonly #facts: NodeFacts
  #registry: Promise<Registry> | undefined

  constructor(facts: NodeFacts) {
    this.#facts = facts
  }

  async text(): Promise<string> {
    this.#registry ??= this.#load()
    return await (await this.#registry).metrics()
  }

  /** A registry of this node: the library's own would be that of all nodes in the process. */
  async #load(): Promise<Registry> {
    const { default: prometheus } = await import('prom-client')
    const registry = new prometheus.Registry()
    for (const metric of METRICS) registry.registerMetric(readerOf(metric, this.#facts))
    return registry
  }
}

/**
 * A metric as the registry asks for it, which keeps nothing itself: the numbers are there already, and those of the library
 * would have to be set to them each time.
 */
function readerOf(metric: Metric, facts: NodeFacts): PromMetric {
  const { name, help, type } = metric
  const get = async (): Promise<object> => ({
    name,
    help,
    type,
    aggregator: 'sum',
    values:
      metric.type === 'histogram'
        ? (await metric.read(facts)).flatMap((sample) => linesOf(name, sample))
        : (await metric.read(facts)).map(({ labels = {}, value }): Line => ({ labels, value })),
  })
  return { name, get } as unknown as PromMetric
}

function linesOf(name: string, { labels = {}, value }: Sample<Distribution>): Line[] {
  const { bounds, cumulative, sum } = value
  const count = cumulative.at(-1) ?? 0
  const metricName = `${name}_bucket`
  return [
    ...bounds.map((le, i) => ({ labels: { le, ...labels }, value: cumulative[i] ?? 0, metricName })),
    { labels: { le: '+Inf', ...labels }, value: count, metricName },
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: count, metricName: `${name}_count` },
  ]
}
