/** How the lock of a device is changed at the device itself (vendors' documents, "Safety"). */
import type { LockWay, Model } from './types.ts'

const TERNEO =
  'with 2 buttons, hold the menu button until bLc appears; with 3 or more, press the middle one until bLc appears'
const WELROK = 'hold the left button until reg appears, then press it again for bLc'

/** How to reach the choice in a menu. A device without a menu has a button that only steps through the states. */
const MENUS: Readonly<Record<Exclude<LockWay, 'right_button'>, string>> = {
  terneo_menu: `at the device (${TERNEO})`,
  welrok_menu: `at the device (${WELROK}; the right button selects)`,
  unknown: `in the menu of the device, item bLc (Terneo: ${TERNEO}; Welrok: ${WELROK}, the right button selects)`,
}

/**
 * The document does not say what a release after 33 s does, or whether holding longer also resets the settings. It says
 * that this comes "3 seconds after resetting the settings" (Welrok MS and D2W, "Safety").
 */
const BUTTON =
  'at the device: hold its right button for 36 to 39 s, then let go (it blinks red; a few seconds earlier the same button ' +
  'resets its settings). If it then lights up once a second, the lock of the local network is off; if it goes out once a second, the lock is on'

const wayOf = (model: Pick<Model, 'lockWay'> | null): LockWay => model?.lockWay ?? 'unknown'

/** Continues "Unlock it …", for a device that is locked for the local network. @param model null while it is not known */
export function unlockLan(model: Pick<Model, 'lockWay'> | null): string {
  const way = wayOf(model)
  return way === 'right_button' ? BUTTON : `${MENUS[way]}: choose oFF`
}

/** The same for a device that is locked for the local network and the cloud at once. */
export function unlockBoth(model: Pick<Model, 'lockWay'> | null): string {
  const way = wayOf(model)
  if (way !== 'right_button') return `${MENUS[way]}: choose oFF, or Lan to let signed commands through`
  return `${BUTTON}. Or switch off CLOUD BLOCK on the device’s own page, http://<its address>/index.html, to let signed commands through`
}
