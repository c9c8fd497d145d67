/** Is the program that runs Shoal recent enough? */
import { assertSqlite } from '../../../store/index-database.ts'
import type { MachineFacts } from '../facts.ts'
import { ok, problem, type Verdict } from '../finding.ts'
import { LEAST_NODE } from '../limits.ts'

const REMEDY = 'update Node'

export function checkRuntime({ node, sqlite }: Pick<MachineFacts, 'node' | 'sqlite'>): Verdict {
  const data = { node, sqlite: sqlite ?? null }
  if (Number(node.split('.')[0]) < LEAST_NODE) {
    return problem(`Node ${node} is too old for Shoal, which needs ${LEAST_NODE}`, REMEDY, data)
  }
  try {
    assertSqlite(sqlite)
  } catch {
    return problem(
      `Node ${node} has SQLite ${sqlite ?? 'of no version'}, which can damage what it keeps`,
      REMEDY,
      data,
    )
  }
  return ok(`Node ${node}, SQLite ${sqlite}`, data)
}
