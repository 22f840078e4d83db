/** What energy costs. */
import { Refusal } from '../errors.ts'
import { kind, matching, shownText } from './kinds.ts'
import { optional, setting } from './setting.ts'

const HIGHEST = 1_000_000

const PRICE = kind({
  allowed: 'a price, 0 or more',
  json: { type: 'number', minimum: 0, maximum: HIGHEST },
  read: (raw) => {
    const price = typeof raw === 'string' && /^\s*\d{1,7}(\.\d{1,6})?\s*$/.test(raw) ? Number(raw) : raw
    if (typeof price !== 'number' || !(price >= 0 && price <= HIGHEST)) throw new Refusal('is not a price')
    return price
  },
})

const HOUR = matching(/^([01]\d|2[0-3]):00$/, 'is not a full hour', 'a full hour such as 23:00')

export const ENERGY = {
  price: optional(PRICE, {
    doc: 'Price of a kWh. With a night price too, this is the one by day.',
    env: 'T2M_ENERGY_PRICE',
    unset: 'no costs are shown',
    example: 4.32,
    page: true,
  }),
  night_price: optional(PRICE, {
    doc: 'Price of a kWh at night.',
    env: 'T2M_ENERGY_NIGHT_PRICE',
    unset: 'the same price at all hours',
    example: 2.16,
    page: true,
  }),
  night_from: setting(HOUR, '23:00', {
    doc: 'When the night price begins, in the time zone of whoever asks for the costs.',
    env: 'T2M_ENERGY_NIGHT_FROM',
    page: true,
  }),
  night_to: setting(HOUR, '07:00', {
    doc: 'When the night price ends.',
    env: 'T2M_ENERGY_NIGHT_TO',
    page: true,
  }),
  currency: setting(shownText(1, 8), 'UAH', {
    doc: 'Currency of the prices.',
    env: 'T2M_ENERGY_CURRENCY',
    page: true,
  }),
}
