/** Backups that the bridge makes by itself. */
import { LONGEST_PASSPHRASE, SHORTEST_PASSPHRASE } from '../../core/passwords/passphrase.ts'
import { Refusal } from '../errors.ts'
import { PATH, text } from './kinds.ts'
import { type Kind, optional, setting } from './setting.ts'

const MOST = 365

const COUNT: Kind<number> = {
  allowed: `1 to ${MOST}`,
  json: { type: 'integer', minimum: 1, maximum: MOST },
  format: (value: unknown) => void COUNT.read(value),
  read: (raw) => {
    const count = typeof raw === 'string' && /^\s*\d{1,3}\s*$/.test(raw) ? Number(raw) : raw
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1 || count > MOST) {
      throw new Refusal('is not a number of backups')
    }
    return count
  },
}

export const BACKUP = {
  passphrase: optional(text(SHORTEST_PASSPHRASE, LONGEST_PASSPHRASE), {
    doc: 'Passphrase of the daily backups. With it, the bridge makes an encrypted backup of everything each day. Keep it elsewhere too: without it nobody can open a backup.',
    env: 'T2M_BACKUP_PASSPHRASE',
    sensitive: true,
    unset: 'no backup is made by itself',
    example: 'four words that nobody guesses',
    page: true,
  }),
  folder: optional(PATH, {
    doc: 'Folder for the daily backups, such as one of a network drive. The bridge creates it if it is missing.',
    env: 'T2M_BACKUP_FOLDER',
    unset: 'the folder `backups` in data_dir',
    example: '/mnt/nas/thermo2mqtt',
  }),
  keep: setting(COUNT, 7, {
    doc: 'How many daily backups are kept; the oldest make room.',
    env: 'T2M_BACKUP_KEEP',
    page: true,
  }),
}
