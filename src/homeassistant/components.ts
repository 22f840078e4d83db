/** The entities of a thermostat besides the climate one: a component for each row of the catalog, and the buttons. */
import { type Datapoint, platformOf } from '../catalog/index.ts'
import { actionName } from '../catalog/locales/actions.ts'
import { labelOf, nameOf } from '../catalog/locales/index.ts'
import { limitsOf } from '../devices/offers.ts'
import type { DeviceAction } from '../devices/ports.ts'
import type { DeviceContext } from './context.ts'
import { type Component, type ComponentPlatform, QOS } from './document.ts'
import { problemAttributes } from './faults.ts'
import { defaultEntityId, entityName } from './names.ts'
import * as template from './templates.ts'

/** HH:MM, or nothing while it is not known: a text entity has no other way to say so. */
const TIME_OF_DAY = '^(([01][0-9]|2[0-3]):[0-5][0-9])?$'

type Fields = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/**
 * What the value of an enum means, as the attribute `text` in the language of `locale`. The value itself is the same in every
 * language: automations compare it, and Home Assistant refuses a state that is no option of the document before.
 */
function inWords(datapoint: Datapoint, { view, topics, locale }: DeviceContext): Fields {
  const { key, values = [] } = datapoint
  const labels = Object.fromEntries(values.map((word) => [word, labelOf(datapoint, word, locale)]))
  return {
    json_attributes_topic: topics.state(view.serial),
    json_attributes_template: template.labelAttribute(key, labels),
  }
}

const enumFields = (datapoint: Datapoint, context: DeviceContext): Fields => ({
  options: datapoint.values ?? [],
  ...inWords(datapoint, context),
})

/** Decimals to show: those of the row, else none of what has a unit. */
const precisionOf = ({ entity, type, unit }: Datapoint): number | undefined =>
  entity.precision ?? (type === 'number' && unit !== undefined ? 0 : undefined)

/** What a sensor alone has: class, unit, and the values of an enum. */
function sensorFields(datapoint: Datapoint, context: DeviceContext): Fields {
  const { entity, unit } = datapoint
  if (datapoint.type === 'enum') return { device_class: 'enum', ...enumFields(datapoint, context) }
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
  }
}

/** What differs by platform. Commands are the bare values of `set/<key>`, so a switch sends true and false. */
function fieldsOf(platform: ComponentPlatform, datapoint: Datapoint, context: DeviceContext): Fields {
  const { key, entity } = datapoint
  const { view, topics } = context
  const command = { command_topic: topics.set(view.serial, key) }
  const deviceClass = entity.deviceClass ? { device_class: entity.deviceClass } : {}
  switch (platform) {
    case 'binary_sensor':
      return { ...deviceClass, payload_on: 'ON', payload_off: 'OFF' }
    case 'number':
      return { ...command, ...numberFields(datapoint, context) }
    case 'switch':
      return {
        ...command,
        ...deviceClass,
        payload_on: 'true',
        payload_off: 'false',
        state_on: 'ON',
        state_off: 'OFF',
      }
    case 'select':
      return { ...command, ...enumFields(datapoint, context) }
    case 'text':
      return { ...command, min: 0, max: 5, pattern: TIME_OF_DAY, value_template: template.textOf(key) }
    default:
      return sensorFields(datapoint, context)
  }
}

/** The entity of a row, or undefined when it has none of its own. */
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
    ...(entity.disabled ? { enabled_by_default: false } : {}),
    ...(entity.icon ? { icon: entity.icon } : {}),
    ...(key === 'problem' ? problemAttributes(context) : {}),
  }
}

interface Button {
  readonly category: 'config' | 'diagnostic'
  readonly deviceClass?: 'restart' | 'identify'
  readonly icon?: string
  readonly disabled?: true
}

/** What cannot be undone, or stops the device's own time, is there only for those who enable it. */
const BUTTONS: Readonly<Record<DeviceAction, Button>> = {
  restart: { category: 'config', deviceClass: 'restart' },
  blink: { category: 'diagnostic', deviceClass: 'identify' },
  reset_parameters: { category: 'config', icon: 'mdi:cog-refresh', disabled: true },
  reset_schedule: { category: 'config', icon: 'mdi:calendar-refresh', disabled: true },
  sync_clock: { category: 'config', icon: 'mdi:clock-check', disabled: true },
  reset_energy: { category: 'config', icon: 'mdi:counter', disabled: true },
}

export function buttonOf(action: DeviceAction, { view, topics, uid, locale }: DeviceContext): Component {
  const button = BUTTONS[action]
  return {
    platform: 'button',
    unique_id: `${uid}_${action}`,
    name: entityName(actionName(action, locale), view.name),
    ...defaultEntityId('button', view.name, action),
    qos: QOS,
    command_topic: topics.action(view.serial),
    payload_press: action,
    entity_category: button.category,
    ...(button.deviceClass ? { device_class: button.deviceClass } : {}),
    ...(button.icon ? { icon: button.icon } : {}),
    ...(button.disabled ? { enabled_by_default: false } : {}),
  }
}
