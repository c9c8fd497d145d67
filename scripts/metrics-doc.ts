/**
 * Holds docs/metrics.md to the metrics of `packages/node/src/control/observe/catalogue.ts`, and to them what the dashboard and the
 * alerts in docs/monitoring ask for: fails when the document differs or a name is none; `--write` writes the document.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { METRICS } from '../packages/node/src/control/observe/catalogue.ts'
import { unknownMetrics } from './metric-names.ts'
import { ROOT } from './public-api.ts'

const DOCUMENT = join(ROOT, 'docs/metrics.md')
const USERS = [
  'docs/monitoring/alerts.yml',
  'docs/monitoring/grafana-dashboard.json',
  'docs/observability.md',
]

const HEAD = `# Metrics

What \`GET /v1/metrics\` of the [control API](openapi.json) tells, in the text format of Prometheus. How it is asked, and what to
watch, is told in [observability.md](observability.md). Numbers count from the start of the node. No label has a value that a
peer, a person or a share could choose.

This page is written from the code: \`node scripts/metrics-doc.ts --write\`.
`

function labelsOf(labels: Readonly<Record<string, readonly string[] | string>>): string {
  return Object.entries(labels)
    .map(([name, values]) => {
      const told = typeof values === 'string' ? values : values.map((value) => `\`${value}\``).join(' ')
      return `<br>${name}: ${told}`
    })
    .join('')
}

const rows = METRICS.map(
  ({ name, type, help, labels = {} }) => `| \`${name}\` | ${type} | ${help}${labelsOf(labels)} |`,
)
const text = `${HEAD}\n| metric | type | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`

if (process.argv.includes('--write')) writeFileSync(DOCUMENT, text)
const faults: string[] = []
if (readFileSync(DOCUMENT, 'utf8') !== text) {
  faults.push('docs/metrics.md is out of date: node scripts/metrics-doc.ts --write')
}
for (const file of USERS) {
  for (const name of unknownMetrics(readFileSync(join(ROOT, file), 'utf8'), METRICS)) {
    faults.push(`${file} names ${name}, which is no metric`)
  }
}
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.stdout.write(`${METRICS.length} metrics, ${faults.length} faults\n`)
if (faults.length > 0) process.exitCode = 1
