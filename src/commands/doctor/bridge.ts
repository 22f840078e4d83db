/** Whether the bridge runs now, and with what it was started. */
import { type RunningBridge, runningDemo } from '../running/whereabouts.ts'
import { type Check, ok } from './check.ts'

export const bridge: Check = {
  name: 'Bridge',
  run: async ({ running, tools }) => {
    if (running) {
      const given = Object.keys(running.given)
      const settings =
        given.length === 0 ? '' : `; the settings that it was started with are checked too: ${given.join(', ')}`
      const elsewhere = running.here ? '' : ` on ${running.host}`
      return [ok(`it runs${elsewhere}: ${described(running)}${settings}`)]
    }
    const demo = runningDemo()
    const idle = ok(`no bridge uses ${tools.settings.data_dir} now`)
    if (!demo) return [idle]
    const check = `to check it: thermo2mqtt doctor --data_dir=${demo.dataDir}`
    return [idle, ok(`the demo runs: ${described(demo)}; ${check}`)]
  },
}

const described = ({ pid, since, api }: RunningBridge): string =>
  `process ${pid}, since ${since.slice(0, 16).replace('T', ' ')} UTC${api === null ? '' : `, with its page at ${api}`}`
