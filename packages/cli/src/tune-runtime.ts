/** Settings of the runtime for a process that moves a lot of data. They have to be made before the engine is loaded. */
import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the young generation small. What a transfer leaves behind is a few small objects that hold large buffers:
 * a small young generation is collected often and cheaply, which frees them at once. A large one lets them grow old
 * until a full collection is forced, which costs a third of the processor time and 60 MiB. See docs/adr/0008-small-young-generation.md.
 */
function tuneMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** Lets many files be synced at a time: an fsync waits for the disk's journal, and those that wait together go by together. */
function tuneSyncs(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= '16'
}

export function tuneRuntime(): void {
  tuneMemory()
  tuneSyncs()
}
