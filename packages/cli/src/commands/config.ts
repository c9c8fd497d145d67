/** `shoal config`: prints and changes the settings of a home, through the node that runs on it or else in its file. */
import { ControlClient, homeConfig, homePaths, type ConfigAccess } from '@shoal/node/control'
import type { ConfigArguments, ConfigTask } from '../arguments/arguments.ts'
import type { Context } from '../context.ts'
import { reportChanged, reportSettings, reportValue } from '../output/config-reporter.ts'
import { untilFree } from '../until-free.ts'

/** @throws ShoalError as `ConfigAccess` */
export async function config({ node, task }: ConfigArguments, context: Context): Promise<void> {
  const { env, clock, stop, output } = context
  const { home } = node
  const paths = homePaths(home, env)
  const answer = await untilFree(clock, stop, async () => {
    const client = await ControlClient.connect(paths)
    return answerOf(task, client === undefined ? homeConfig(paths.home) : accessOver(client))
  })
  switch (task.action) {
    case 'list':
      return reportSettings(output, answer)
    case 'get':
      return reportValue(output, answer, task.key)
    case 'set':
      return reportChanged(output, answer)
  }
}

function answerOf(task: ConfigTask, access: ConfigAccess): ReturnType<ConfigAccess['read']> {
  return task.action === 'set' ? access.change(task.changes) : access.read()
}

function accessOver(client: ControlClient): ConfigAccess {
  return { read: () => client.config(), change: (changes) => client.configure(changes) }
}
