/** The entities of a thermostat besides the climate entity: a component for each catalog row, and the buttons. */
import { type Datapoint, platformOf } from '../../catalog/index.ts'
import { labelOf, nameOf, wordOf } from '../../catalog/locales/index.ts'
import { HOME_ASSISTANT } from '../../core/actor.ts'
import { limitsOf } from '../../devices/plan/offers.ts'
import type { DeviceAction } from '../../devices/ports.ts'
import type { DeviceContext } from './context.ts'
import { problemAttributes } from './faults.ts'
import { defaultEntityId, entityName } from './names.ts'
import * as template from './templates.ts'
import { type Component, type ComponentPlatform, QOS } from './types.ts'

/** HH:MM, or empty while unknown: a text entity has no other way to show that. */
const TIME_OF_DAY = '^(([01][0-9]|2[0-3]):[0-5][0-9])?$'

type Fields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** The values of an enum and their labels. */
const wordsOf = (datapoint: Datapoint, { locale }: DeviceContext): Readonly<Record<string, string>> =>
  Object.fromEntries((datapoint.values ?? []).map((value) => [value, labelOf(datapoint, value, locale)]))

/**
 * An enum as a label, with the value itself as the attribute `value`, for automations. A sensor has no `options`: after a
 * change of `locale`, Home Assistant would raise an error for the state it still has. A select with an unknown state is just
 * unknown until the next one.
 */
function enumFields(datapoint: Datapoint, context: DeviceContext): Fields {
  const { view, topics } = context
  return {
    value_template: template.asWord(datapoint.key, wordsOf(datapoint, context)),
    json_attributes_topic: topics.state(view.serial),
    json_attributes_template: template.valueAttribute(datapoint.key),
  }
}

function selectFields(datapoint: Datapoint, context: DeviceContext): Fields {
  const words = wordsOf(datapoint, context)
  return {
    ...enumFields(datapoint, context),
    options: Object.values(words),
    command_template: template.fromWords(words),
    json_attributes_template: template.errorAttribute(datapoint.key, datapoint.key),
  }
}

/** Decimals to show: those of the row, otherwise none for values with a unit. */
const precisionOf = ({ entity, type, unit }: Datapoint): number | undefined =>
  entity.precision ?? (type === 'number' && unit !== undefined ? 0 : undefined)

/** What only a sensor has: class, unit, and the labels of an enum. */
function sensorFields(datapoint: Datapoint, context: DeviceContext): Fields {
  const { entity, unit } = datapoint
  if (datapoint.type === 'enum') return enumFields(datapoint, context)
  const precision = precisionOf(datapoint)
  return {
    ...(entity.deviceClass ? { device_class: entity.deviceClass } : {}),
    ...(entity.stateClass ? { state_class: entity.stateClass } : {}),
    ...(unit === undefined ? {} : { unit_of_measurement: unit }),
    ...(precision === undefined ? {} : { suggested_display_precision: precision }),
  }
}

function numberFields(datapoint: Datapoint, { view }: DeviceContext): Fields {
  const { entity, unit, limits } = datapoint
  const range = limits ? limitsOf(limits, view) : { min: datapoint.min ?? 0, max: datapoint.max ?? 100 }
  return {
    ...(entity.deviceClass ? { device_class: entity.deviceClass } : {}),
    ...(unit === undefined ? {} : { unit_of_measurement: unit }),
    ...range,
    step: datapoint.step ?? (limits ? view.setpointStep : 1),
    // A slider leaves no room for the name and can hardly be set precisely.
    mode: 'box',
    json_attributes_template: template.numberAttributes(datapoint.key),
  }
}

/** What differs by platform. Commands are values of `set/<key>`, so a switch sends true and false. */
function fieldsOf(platform: ComponentPlatform, datapoint: Datapoint, context: DeviceContext): Fields {
  const { key, entity } = datapoint
  const { view, topics } = context
  // After a refusal the entity still shows the requested value until it writes a state; a changed attribute makes it do so.
  const command = {
    command_topic: topics.set(view.serial, key),
    json_attributes_topic: topics.state(view.serial),
    json_attributes_template: template.errorAttribute(key),
  }
  const deviceClass = entity.deviceClass ? { device_class: entity.deviceClass } : {}
  switch (platform) {
    case 'binary_sensor':
      return { ...deviceClass, payload_on: 'ON', payload_off: 'OFF' }
    case 'number':
      return { ...command, command_template: template.asChosen, ...numberFields(datapoint, context) }
    case 'switch':
      return {
        ...command,
        ...deviceClass,
        payload_on: template.chosen(true),
        payload_off: template.chosen(false),
        state_on: 'ON',
        state_off: 'OFF',
      }
    case 'select':
      return { ...command, ...selectFields(datapoint, context) }
    case 'text':
      return {
        ...command,
        command_template: template.asChosen,
        min: 0,
        max: 5,
        pattern: TIME_OF_DAY,
        value_template: template.textOf(key),
      }
    default:
      return sensorFields(datapoint, context)
  }
}

/** The entity of a row, or undefined if it has none. */
export function componentOf(datapoint: Datapoint, context: DeviceContext): Component | undefined {
  const platform = platformOf(datapoint)
  if (platform === undefined || platform === 'climate') return undefined
  const { key, entity } = datapoint
  const { view, topics, uid, locale } = context
  const state = topics.state(view.serial)
  return {
    platform,
    unique_id: `${uid}_${key}`,
    name: entity.main ? null : entityName(nameOf(datapoint, locale), view.name),
    ...defaultEntityId(platform, view.name, entity.main ? '' : key),
    qos: QOS,
    state_topic: state,
    value_template: datapoint.type === 'boolean' ? template.onOff(key) : template.value(key),
    ...fieldsOf(platform, datapoint, context),
    ...(entity.category ? { entity_category: entity.category } : {}),
    ...(entity.shown ? {} : { enabled_by_default: false }),
    ...(entity.icon ? { icon: entity.icon } : {}),
    ...(key === 'problem' ? problemAttributes(context) : {}),
    ...(key === 'unusual'
      ? { json_attributes_topic: state, json_attributes_template: template.findingAttributes }
      : {}),
  }
}

interface Button {
  readonly category: 'config' | 'diagnostic'
  readonly deviceClass?: 'restart' | 'identify'
  readonly icon?: string
}

const BUTTONS: Readonly<Record<DeviceAction, Button>> = {
  restart: { category: 'config', deviceClass: 'restart' },
  blink: { category: 'diagnostic', deviceClass: 'identify' },
  reset_parameters: { category: 'config', icon: 'mdi:cog-refresh' },
  reset_schedule: { category: 'config', icon: 'mdi:calendar-refresh' },
  sync_clock: { category: 'config', icon: 'mdi:clock-check' },
  reset_energy: { category: 'config', icon: 'mdi:counter' },
  accept_lock: { category: 'config', icon: 'mdi:lock-check' },
}

export function buttonOf(action: DeviceAction, { view, topics, uid, locale }: DeviceContext): Component {
  const button = BUTTONS[action]
  return {
    platform: 'button',
    unique_id: `${uid}_${action}`,
    name: entityName(wordOf(`button.${action}`, locale), view.name),
    ...defaultEntityId('button', view.name, action),
    qos: QOS,
    command_topic: topics.action(view.serial),
    payload_press: JSON.stringify({ action, via: HOME_ASSISTANT }),
    json_attributes_topic: topics.state(view.serial),
    json_attributes_template: template.errorAttribute(action),
    entity_category: button.category,
    enabled_by_default: false,
    ...(button.deviceClass ? { device_class: button.deviceClass } : {}),
    ...(button.icon ? { icon: button.icon } : {}),
  }
}
