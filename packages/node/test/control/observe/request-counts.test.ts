import { expect, test } from 'vitest'
import { RequestCounts } from '../../../src/control/observe/request-counts.ts'

test('requests are counted by route, method and answer', () => {
  const counts = new RequestCounts()
  counts.answered('GET', '/v1/status', 200)
  counts.answered('GET', '/v1/status', 200)
  counts.answered('GET', '/v1/status', 401)
  expect(counts.all).toEqual([
    { method: 'GET', route: '/v1/status', status: 200, count: 2 },
    { method: 'GET', route: '/v1/status', status: 401, count: 1 },
  ])
})

test('what meant no route is one row, whatever was asked and how', () => {
  const counts = new RequestCounts()
  for (const method of ['GET', 'POST', 'PROPFIND', 'M-SEARCH']) counts.answered(method, undefined, 404)
  expect(counts.all).toEqual([{ method: 'none', route: 'none', status: 404, count: 4 }])
})
