/** Settings of the runtime for a process that moves a lot of data. */
import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the young generation small. What a transfer leaves behind is a few small objects that hold large buffers:
 * a small young generation is collected often and cheaply, which frees them at once. A large one lets them grow old
 * until a full collection is forced, which costs a third of the processor time and 60 MiB. Has to run before the
 * engine is loaded. See docs/adr/0008-small-young-generation.md.
 */
export function tuneMemory(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
