/** What is looked at of the history of a device, as the address has it. */
import { useState } from 'preact/hooks'
import type { Device } from '../../api/types.ts'
import { type HistoryView, stepsOf, viewIn } from '../../state/history/view.ts'
import { usePage } from '../hooks/context.ts'

export interface UsedView {
  readonly view: HistoryView
  /** The day that it is, YYYY-MM-DD. */
  readonly today: string
  /** The serial of the device beside. */
  readonly beside: string | undefined
  /** That device; undefined while there is none, or it is not known. */
  readonly other: Device | undefined
  /** Chooses the device beside; the time stays. */
  readonly choose: (serial: string | undefined) => void
  /** Another time: the device beside stays. */
  readonly turn: (next: HistoryView) => void
}

/** @param steps of the address after the device */
export function useView(serial: string, steps: readonly string[]): UsedView {
  const { house, texts } = usePage()
  const today = texts.local(Date.now()).slice(0, 10)
  const address = ['devices', serial, ...steps].join('/')
  const [shown, setShown] = useState({ address, view: viewIn(steps, today) })
  // Another address than what is shown was chosen at is a place of its own.
  const view = shown.address === address ? shown.view : viewIn(steps, today)
  const { range, last, zoom } = view
  const beside = view.beside === serial ? undefined : view.beside
  const show = (next: HistoryView) => {
    setShown({ address, view: next })
    // Not a place of its own to come back to: the device is.
    history.replaceState(null, '', `#/${['devices', serial, ...stepsOf(next)].join('/')}`)
  }
  return {
    view,
    today,
    beside,
    other: beside === undefined ? undefined : house.devices.value.get(beside),
    choose: (other) => show({ range, last, ...(zoom && { zoom }), ...(other !== undefined && { beside: other }) }),
    turn: (next) => show({ ...next, ...(beside !== undefined && { beside }) }),
  }
}
