/** The climate entity: the thermostat itself. */
import type { DeviceContext } from './context.ts'
import { type Component, QOS } from './document.ts'
import { rangeOf } from './limits.ts'
import { defaultEntityId } from './names.ts'
import { value } from './templates.ts'

/**
 * Presets of this unit; `none` is never among them, Home Assistant adds it itself. Away needs the parameters that hold its
 * start and end, boost a timer of the device or the bridge's.
 */
function presetsOf({ view, model }: DeviceContext): readonly string[] {
  const away = model.away && view.features.has(model.away.start) && view.features.has(model.away.end)
  return [...(away ? ['away'] : []), ...(view.features.has('boost_minutes') ? ['boost'] : [])]
}

/** Undefined while the unit has not shown a setpoint. `auto` is the device's weekly schedule. */
export function climateComponent(context: DeviceContext): Component | undefined {
  const { view, datapoints, topics } = context
  const { serial, features } = view
  if (!features.has('mode') || !features.has('target_temperature')) return undefined
  const state = topics.state(serial)
  const range = rangeOf('control', view, datapoints)
  const presets = presetsOf(context)
  return {
    platform: 'climate',
    unique_id: `${serial}_climate`,
    name: null,
    ...defaultEntityId('climate', view.name, ''),
    qos: QOS,
    modes: ['off', view.state.cooling === true ? 'cool' : 'heat', 'auto'],
    mode_state_topic: state,
    mode_state_template: value('mode'),
    mode_command_topic: topics.set(serial, 'mode'),
    temperature_state_topic: state,
    temperature_state_template: value('target_temperature'),
    temperature_command_topic: topics.set(serial, 'target_temperature'),
    temperature_unit: 'C',
    min_temp: range.min,
    max_temp: range.max,
    temp_step: view.setpointStep,
    precision: 0.1,
    ...(features.has('current_temperature')
      ? { current_temperature_topic: state, current_temperature_template: value('current_temperature') }
      : {}),
    ...(features.has('action') ? { action_topic: state, action_template: value('action') } : {}),
    ...(features.has('humidity')
      ? { current_humidity_topic: state, current_humidity_template: value('humidity') }
      : {}),
    ...(features.has('power_off')
      ? { power_command_topic: topics.set(serial, 'power_off'), payload_on: 'false', payload_off: 'true' }
      : {}),
    ...(features.has('preset') && presets.length > 0
      ? {
          preset_modes: presets,
          preset_mode_state_topic: state,
          preset_mode_value_template: value('preset'),
          preset_mode_command_topic: topics.set(serial, 'preset'),
        }
      : {}),
  }
}
