/** Signs an account in before it is saved, in one or two steps. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { RequestError } from '../../api/answers.ts'
import type { AccountAnswer } from '../../api/types.ts'
import { usePage } from '../hooks/context.ts'
import { type Task, useTask } from '../hooks/use-task.ts'
import type { UsedSettings } from './use-settings.ts'

export interface UsedSignIn {
  readonly task: Task
  /** What waits for a code; null while there is no need of one. */
  readonly waiting: AccountAnswer | null
  /** @param onSaved called when the account is signed in and saved */
  begin(method: 'POST' | 'PATCH', path: string, body: object, onSaved?: () => void): void
  submit(code: string): void
  /** Goes back to what was typed. */
  cancel(): void
}

export function useSignIn(used: UsedSettings): UsedSignIn {
  const { client } = usePage()
  const task = useTask()
  const [waiting, setWaiting] = useState<AccountAnswer | null>(null)
  const saved = useRef<(() => void) | undefined>(undefined)
  /** The sign-in that waits, for whoever goes elsewhere. */
  const held = useRef<string | null>(null)
  const hold = (answer: AccountAnswer | null) => {
    held.current = answer?.sign_in ? `cloud/sign-ins/${answer.sign_in}` : null
    setWaiting(held.current ? answer : null)
  }
  const dropped = useRef<Promise<unknown>>(Promise.resolve())
  // The bridge forgets it by itself, should this not arrive.
  const drop = () => {
    if (held.current) dropped.current = client.send('DELETE', `/api/v1/${held.current}`).catch(() => undefined)
    held.current = null
  }
  useEffect(() => drop, [])
  const take = (answer: AccountAnswer) => {
    hold(answer)
    if (answer.sign_in === null) saved.current?.()
  }
  return {
    task,
    waiting,
    begin(method, to, body, onSaved) {
      saved.current = onSaved
      task.run(async () => {
        // Whoever asks for the same again is given the sign-in that there is, which would then be over.
        await dropped.current
        take(await used.change<AccountAnswer>(method, to, body))
      })
    },
    submit(code) {
      task.run(async () => {
        try {
          take(await used.change<AccountAnswer>('POST', `${held.current}/code`, { code }))
        } catch (error) {
          if (error instanceof RequestError && error.reason === 'over') hold(null)
          throw error
        }
      })
    },
    cancel() {
      task.reset()
      drop()
      hold(null)
    },
  }
}
