/** Ends a test run with one line that a machine reads: `N passed, N failed, N skipped`. Names what was skipped. */
import type { Reporter, TestModule } from 'vitest/node'

export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    const skipped: string[] = []
    for (const module of modules) {
      const { state } = { state: module.state() }
      let tests = 0
      for (const test of module.children.allTests()) {
        tests++
        const result = test.result()
        if (result.state === 'passed') counts.passed++
        else if (result.state === 'failed') counts.failed++
        else {
          counts.skipped++
          const note = 'note' in result && typeof result.note === 'string' ? `: ${result.note}` : ''
          skipped.push(`${test.fullName}${note}`)
        }
      }
      // A module that cannot be loaded has no tests that could fail.
      if (state === 'failed' && tests === 0) counts.failed++
    }
    for (const name of skipped) console.log(`skipped ${name}`)
    const tail = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
    console.log(`${counts.passed} passed, ${counts.failed} failed${tail}`)
  }
}
