/** Commands that wait for one device, and the one write that they become. */
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import type { LinkOutcome, PlannedChange } from '../link/link.ts'
import type { Way } from '../link/way.ts'
import type { CommandResult, DeviceState } from '../ports.ts'
import type { CommandContext, PlannedCommand } from './plan.ts'

/** Plans the command from what is known of the device when its turn comes. */
export type Plan = (context: CommandContext) => PlannedCommand

interface Waiting {
  readonly plan: Plan
  readonly resolve: (result: CommandResult) => void
  readonly reject: (error: unknown) => void
}

interface Planned {
  readonly waiting: Waiting
  readonly plan: PlannedCommand
}

export interface CommandQueueOptions {
  readonly way: Pick<Way, 'any'>
  /** What planning needs to know before any command has decided anything. */
  readonly context: () => CommandContext
  /** The state as it is shown now. */
  readonly shown: () => DeviceState
  /** Is told what is about to be sent. Sending waits for it, and does not happen when it rejects. */
  readonly sending: (plans: readonly PlannedCommand[]) => Promise<void>
  /** Is told that what was about to be sent was not sent, or that nobody knows. */
  readonly failed: (error: BridgeError) => void
  /** Takes in the result of a write and reads what else it changed; returns the state after it. */
  readonly written: (outcome: LinkOutcome, plans: readonly PlannedCommand[]) => Promise<DeviceState>
}

/**
 * The commands that wait for one device. All that wait when the device is free become one write, so that dragging a slider
 * costs two writes and not twenty. The last value of a key wins, and each command gets its own result.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions
  #waiting: Waiting[] = []
  /** Whether a write has been asked for that will take the waiting commands. */
  #writing = false
  /** How many writes have not finished yet. */
  #writes = 0

  constructor(options: CommandQueueOptions) {
    this.#options = options
  }

  /** How many commands have not been sent yet. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Whether earlier commands may soon change the values last read from the device. */
  get busy(): boolean {
    return this.#writes > 0
  }

  submit(plan: Plan): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ plan, resolve, reject })
      if (!this.#writing) {
        this.#writing = true
        void this.#write()
      }
    })
  }

  async #write(): Promise<void> {
    let planned: Planned[] = []
    let before: DeviceState = {}
    this.#writes++
    try {
      const outcome = await this.#options.way.any.write(async () => {
        this.#writing = false
        planned = this.#plan(this.#take())
        before = this.#options.shown()
        if (planned.length > 0) await this.#options.sending(planned.map(({ plan }) => plan))
        return [...merge(planned).values()]
      })
      await this.#settle(planned, outcome, before)
    } catch (error) {
      // When a write fails before its turn, its commands are still waiting, and nothing else would answer them.
      this.#writing = false
      const failed = planned.length > 0 ? planned.map(({ waiting }) => waiting) : this.#take()
      for (const waiting of failed) waiting.reject(error)
      // A write that never began has not changed the one before it, which may still be under way.
      if (planned.length > 0) this.#options.failed(asBridgeError(error))
    } finally {
      this.#writes--
    }
  }

  #take(): Waiting[] {
    return this.#waiting.splice(0)
  }

  /**
   * Plans the commands one by one, each on top of what those before it decided. A command that can't be planned fails alone.
   */
  #plan(batch: readonly Waiting[]): Planned[] {
    const planned: Planned[] = []
    let before: Pick<CommandContext, 'decided' | 'boost'> = { decided: new Map(), boost: this.#options.context().boost }
    for (const waiting of batch) {
      try {
        const plan = waiting.plan({ ...this.#options.context(), ...before })
        before = { decided: plan.decided, boost: plan.boost }
        planned.push({ waiting, plan })
      } catch (error) {
        waiting.reject(error)
      }
    }
    return planned
  }

  async #settle(planned: readonly Planned[], outcome: LinkOutcome, before: DeviceState): Promise<void> {
    if (planned.length === 0) return
    const state = await this.#options.written(
      outcome,
      planned.map(({ plan }) => plan),
    )
    const merged = merge(planned)
    for (const { waiting, plan } of planned) {
      const replaced = [...plan.changes.values()].filter((change) => merged.get(change.id) !== change)
      const own = [...plan.changes.keys()].filter((id) => !replaced.some((change) => change.id === id))
      const refused = own.filter((id) => outcome.notApplied.includes(id))
      if (refused.length > 0) waiting.reject(outcome.why ?? notApplied(plan, refused))
      else
        waiting.resolve({
          before,
          state,
          rounded: plan.rounded,
          superseded: keysOf(
            plan,
            replaced.map(({ id }) => id),
          ),
        })
    }
  }
}

/** One change per parameter; the last command that names it wins. */
function merge(planned: readonly Planned[]): Map<number, PlannedChange> {
  return new Map(planned.flatMap(({ plan }) => [...plan.changes]))
}

function keysOf(plan: PlannedCommand, ids: readonly number[]): string[] {
  return [...new Set(ids.map((id) => plan.askedBy.get(id)).filter((key) => key !== undefined))]
}

function notApplied(plan: PlannedCommand, ids: readonly number[]): BridgeError {
  const keys = keysOf(plan, ids).join(', ')
  return new BridgeError(
    'NOT_APPLIED',
    `The device accepted the command but did not change ${keys}: it does not allow that value in its present settings.`,
    { details: { parameters: ids } },
  )
}
