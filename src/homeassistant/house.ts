/** The entities of the house as a whole. */
import { HOME_ASSISTANT } from '../core/actor.ts'
import { HOUSE_MODES } from '../devices/ports.ts'
import type { Topics } from '../mqtt/topics.ts'
import {
  asWord,
  houseAttributes,
  housePowerAttributes,
  houseProblem,
  houseProblemAttributes,
  houseRequest,
  value,
} from './document/templates.ts'
import { type EntityTexts, wordsFor } from './document/texts.ts'
import type { Component, ComponentPlatform } from './document/types.ts'

/** The common parts of the bridge's entities. */
interface HouseFrames {
  readonly common: (platform: ComponentPlatform, key: string, name: string) => Component
  readonly available: Readonly<Record<string, unknown>>
  readonly problem: (key: string, name: string, topic: string, wrong: string, attributes: string) => Component
}

const OFF = { enabled_by_default: false }

const HOUSE_ICONS: Readonly<Record<(typeof HOUSE_MODES)[number], string>> = {
  normal: 'mdi:home',
  away: 'mdi:home-export-outline',
  frost_protection: 'mdi:snowflake-thermometer',
  off: 'mdi:power',
}

/**
 * The mode of the whole house, to choose, and a button for each mode, for dashboards that want one; its power, and whether
 * somebody should have a look at it.
 */
export function houseComponents(
  topics: Topics,
  { common, available, problem }: HouseFrames,
  texts: EntityTexts,
): Record<string, Component> {
  const command = { ...available, command_topic: topics.request('house') }
  const words = wordsFor(HOUSE_MODES, (mode) => texts[`house.${mode}`])
  const buttons = HOUSE_MODES.map((mode): [string, Component] => [
    `house_${mode}`,
    {
      ...common('button', `house_${mode}`, `${texts['house.name']}: ${texts[`house.${mode}`]}`),
      ...command,
      ...OFF,
      payload_press: JSON.stringify({ mode, via: HOME_ASSISTANT }),
      icon: HOUSE_ICONS[mode],
    },
  ])
  return {
    house_mode: {
      ...common('select', 'house_mode', texts['house.name']),
      ...command,
      options: Object.values(words),
      state_topic: topics.bridgeHouse,
      value_template: asWord('mode', words),
      command_template: houseRequest(words),
      json_attributes_topic: topics.bridgeHouse,
      json_attributes_template: houseAttributes,
      icon: 'mdi:home-thermometer',
    },
    ...Object.fromEntries(buttons),
    house_power: {
      ...common('sensor', 'house_power', texts['house.power']),
      ...available,
      ...OFF,
      device_class: 'power',
      state_class: 'measurement',
      unit_of_measurement: 'W',
      state_topic: topics.bridgeHouse,
      value_template: value('power'),
      json_attributes_topic: topics.bridgeHouse,
      json_attributes_template: housePowerAttributes,
    },
    house_problem: {
      ...problem('house_problem', texts['house.problem'], topics.bridgeHouse, houseProblem, houseProblemAttributes),
      ...OFF,
    },
  }
}
