/** Messages for refused backups; `reason` is for programs and for the page's translations. */
import { BridgeError } from '../../core/errors.ts'
import type { AgeFault } from '../secrets/age.ts'

const refused = (reason: string, message: string): BridgeError =>
  new BridgeError('BAD_REQUEST', `${message} Nothing was changed.`, { details: { reason } })

const FAULTS: Readonly<Record<AgeFault, string>> = {
  foreign: 'This is not a backup of thermo2mqtt. Check which file it should be.',
  cut_off: 'The backup is incomplete: its end is missing. Copy or download it again.',
  damaged: 'The backup is incomplete, or it was changed or damaged after it was made. Use another copy of it.',
  passphrase: 'The passphrase is wrong, or the backup was changed after it was made.',
}

export const unusable = (fault: AgeFault): BridgeError => refused(fault, FAULTS[fault])

export const tooLarge = (most: number): BridgeError =>
  refused('too_large', `The file is too large to be a backup (${most} bytes at most). Check which file it should be.`)

export const laterVersion = (version: string): BridgeError =>
  refused(
    'later_version',
    `The backup was made by a newer version of thermo2mqtt (${version}). Update this machine, then restore it.`,
  )
