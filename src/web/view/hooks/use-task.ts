/** A request to the bridge, with its visible state during and after. */
import { useMemo, useState } from 'preact/hooks'
import { NOTHING, type TaskState, type Tasks, tasks } from './tasks.ts'

export type Task = TaskState & Tasks

export function useTask(): Task {
  const [state, setState] = useState(NOTHING)
  const calls = useMemo(() => tasks(setState), [])
  return { ...state, ...calls }
}
