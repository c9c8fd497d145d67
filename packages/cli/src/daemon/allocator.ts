/**
 * How the C library of Linux gives memory back in a process that runs for weeks: what it gets in large pieces goes back to the
 * system when it is free. By itself it raises that bound to the largest piece it ever freed, up to 32 MiB, and from then on blocks
 * of files leave holes in its arenas which nothing else fits into (mallopt(3), M_MMAP_THRESHOLD). Other systems do not read it.
 */
export const ALLOCATOR: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
}
