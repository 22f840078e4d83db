/** The climate entity: the thermostat itself. */
import { activeMode, hasPreset, limitsOf } from '../../devices/plan/offers.ts'
import type { DeviceContext } from './context.ts'
import { defaultEntityId } from './names.ts'
import { anyCommandAttributes, asChosen, chosen, oneOf, value } from './templates.ts'
import { type Component, QOS } from './types.ts'

/** `none` is never among them: Home Assistant adds it itself. */
const PRESETS = ['away', 'boost']

/** Undefined while the unit has not shown a setpoint. `auto` is the device's weekly schedule. */
export function climateComponent(context: DeviceContext): Component | undefined {
  const { view, topics, uid } = context
  const { serial, features } = view
  if (!features.has('mode') || !features.has('target_temperature')) return undefined
  const state = topics.state(serial)
  const range = limitsOf('control', view)
  const modes = ['off', activeMode(view), 'auto']
  const presets = PRESETS.filter((preset) => hasPreset(preset, view))
  return {
    platform: 'climate',
    unique_id: `${uid}_climate`,
    name: null,
    ...defaultEntityId('climate', view.name, ''),
    qos: QOS,
    modes,
    mode_state_topic: state,
    mode_state_template: oneOf('mode', modes),
    mode_command_topic: topics.set(serial, 'mode'),
    mode_command_template: asChosen,
    temperature_state_topic: state,
    temperature_state_template: value('target_temperature'),
    temperature_command_topic: topics.set(serial, 'target_temperature'),
    temperature_command_template: asChosen,
    temperature_unit: 'C',
    min_temp: range.min,
    max_temp: range.max,
    temp_step: view.setpointStep,
    precision: 0.1,
    // A changed attribute makes Home Assistant write the state, so that the dial shows the actual value after a refusal, or
    // after a setpoint that was rounded to the previous one.
    json_attributes_topic: state,
    json_attributes_template: anyCommandAttributes,
    ...(features.has('current_temperature')
      ? { current_temperature_topic: state, current_temperature_template: value('current_temperature') }
      : {}),
    ...(features.has('action') ? { action_topic: state, action_template: value('action') } : {}),
    ...(features.has('humidity')
      ? { current_humidity_topic: state, current_humidity_template: value('humidity') }
      : {}),
    ...(features.has('power_off')
      ? { power_command_topic: topics.set(serial, 'power_off'), payload_on: chosen(false), payload_off: chosen(true) }
      : {}),
    ...(features.has('preset') && presets.length > 0
      ? {
          preset_modes: presets,
          preset_mode_state_topic: state,
          preset_mode_value_template: oneOf('preset', ['none', ...presets]),
          preset_mode_command_topic: topics.set(serial, 'preset'),
          preset_mode_command_template: asChosen,
        }
      : {}),
  }
}
