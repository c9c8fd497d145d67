/** Runs work for each item, several at once, and yields the results in order. Ends the source when left early. */
export async function* orderedMap<In, Out>(
  source: Iterable<In> | AsyncIterable<In>,
  concurrency: number,
  work: (item: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const running: Promise<Out>[] = []
  for await (const item of source) {
    const result = work(item)
    // A later one may fail while an earlier one is awaited.
    result.catch(() => {})
    running.push(result)
    if (running.length >= concurrency) yield await (running.shift() as Promise<Out>)
  }
  for (const result of running) yield await result
}
