/**
 * Checks a discovery document against what Home Assistant takes. It knows nothing of how the bridge makes documents: the
 * rules are Home Assistant's own, its lists of keys, classes and units are in test/homeassistant/ha-rules.json.
 */
import { readFileSync } from 'node:fs'
import { isObject, type JsonObject, parseJson } from '../../../src/core/json.ts'

const RULES = loadRules()

function loadRules() {
  const file = parseJson(readFileSync(new URL('../../homeassistant/ha-rules.json', import.meta.url), 'utf8'))
  if (!isObject(file)) throw new Error('ha-rules.json is not an object')
  const list = (value: unknown): ReadonlySet<string> => new Set(Array.isArray(value) ? value.map(String) : [])
  const table = (value: unknown) =>
    new Map(Object.entries(isObject(value) ? value : {}).map(([key, items]) => [key, list(items)]))
  return {
    root: list(file.root),
    device: list(file.device),
    origin: list(file.origin),
    platforms: table(file.platforms),
    sensorUnits: table(file.sensorUnits),
    sensorStateClasses: table(file.sensorStateClasses),
    numberUnits: table(file.numberUnits),
    binarySensorClasses: list(file.binarySensorClasses),
    buttonClasses: list(file.buttonClasses),
    switchClasses: list(file.switchClasses),
  }
}

type Complain = (what: string) => void

const filled = (value: unknown): value is string => typeof value === 'string' && value !== ''
const topic = (value: unknown) => filled(value) && !/[+#\0]/.test(value)
const stringList = (value: unknown): value is string[] => Array.isArray(value) && value.every(filled)

/** Everything that Home Assistant would not take, or would take wrongly; empty when all is well. */
export function contractErrors(document: unknown, configTopic?: string): string[] {
  const errors: string[] = []
  const complain: Complain = (what) => errors.push(what)
  if (configTopic !== undefined && !/\/device\/[a-zA-Z0-9_-]+\/config$/.test(configTopic)) complain('bad config topic')
  if (!isObject(document)) return ['not an object']
  unknownKeys(document, RULES.root, 'root', complain)
  const deviceName = checkDevice(document.device, complain)
  checkOrigin(document.origin, complain)
  checkAvailability(document, 'root', complain)
  if (!isObject(document.components)) return [...errors, 'no components']
  const ids = new Set<unknown>()
  const entityIds = new Set<unknown>()
  for (const [key, component] of Object.entries(document.components)) {
    const here: Complain = (what) => complain(`${key}: ${what}`)
    if (!/^[a-zA-Z0-9_-]+$/.test(key)) here('bad key')
    if (!isObject(component)) {
      here('not an object')
      continue
    }
    checkComponent(component, deviceName, here)
    if (Object.keys(component).length === 1) continue
    if (ids.has(component.unique_id)) here('unique_id used twice')
    ids.add(component.unique_id)
    if (component.default_entity_id !== undefined && entityIds.has(component.default_entity_id)) here('id used twice')
    entityIds.add(component.default_entity_id)
    const available = 'availability' in document || 'availability' in component
    if (component.platform === 'event' && !('availability' in component))
      here('unavailable when its device is, so that the news of that is lost')
    if (!available && component.device_class !== 'connectivity') here('no availability')
  }
  return errors
}

function unknownKeys(object: JsonObject, allowed: ReadonlySet<string>, where: string, complain: Complain) {
  for (const key of Object.keys(object)) if (!allowed.has(key)) complain(`${where}: key ${key} is not allowed`)
}

function checkDevice(device: unknown, complain: Complain): string {
  if (!isObject(device)) {
    complain('no device')
    return ''
  }
  unknownKeys(device, RULES.device, 'device', complain)
  if (!stringList(device.identifiers) || device.identifiers.length === 0) complain('device: no identifiers')
  for (const [key, value] of Object.entries(device)) {
    if (key !== 'identifiers' && key !== 'connections' && !filled(value)) complain(`device: ${key} is not a text`)
  }
  if (
    device.configuration_url !== undefined &&
    !/^(https?|homeassistant):\/\/\S+$/.test(String(device.configuration_url))
  )
    complain('device: bad configuration_url')
  return filled(device.name) ? device.name : ''
}

function checkOrigin(origin: unknown, complain: Complain) {
  if (!isObject(origin)) return complain('no origin')
  unknownKeys(origin, RULES.origin, 'origin', complain)
  if (!filled(origin.name)) complain('origin: no name')
}

function checkAvailability(object: JsonObject, where: string, complain: Complain) {
  if ('availability_topic' in object) complain(`${where}: availability_topic instead of the list`)
  if (!('availability' in object)) return
  if (object.availability_mode !== 'all') complain(`${where}: availability_mode is not all`)
  const list = object.availability
  if (!Array.isArray(list) || list.length === 0) return complain(`${where}: availability is not a list`)
  for (const item of list) if (!isObject(item) || !topic(item.topic)) complain(`${where}: bad availability topic`)
}

function checkComponent(component: JsonObject, deviceName: string, complain: Complain) {
  const { platform } = component
  const allowed = RULES.platforms.get(String(platform))
  if (!allowed) return complain(`unknown platform ${String(platform)}`)
  if (Object.keys(component).length === 1) return
  // After a reload of the integration Home Assistant can't delete a device that has one.
  if (platform === 'device_automation') return complain('a device trigger')
  unknownKeys(component, allowed, String(platform), complain)
  if (component.qos !== 1) complain('no qos of its own')
  if (!filled(component.unique_id)) complain('no unique_id')
  checkAvailability(component, 'component', complain)
  checkNames(component, String(platform), deviceName, complain)
  checkTexts(component, complain)
  const check = PLATFORM_CHECKS[String(platform)]
  check?.(component, complain)
}

/** What is rendered is to be JSON with one of these types, or nothing. */
function checkEvent(component: JsonObject, complain: Complain) {
  needs(component, complain, 'state_topic', 'value_template', 'event_types')
  const { event_types: types, value_template: template } = component
  if (!stringList(types) || types.length === 0 || new Set(types).size !== types.length)
    return complain('bad event_types')
  const text = String(template)
  // What is in the words of one language can't stand in an automation, so it needs the type itself beside it.
  const words = types.filter((type) => !/^[a-z][a-z_]*$/.test(type))
  if (words.length > 0 && !text.includes("'type':")) complain(`event types in words alone: ${words.join(', ')}`)
  for (const type of types) if (!text.includes(`'${type}'`)) complain(`the template never gives ${type}`)
  if (!text.includes("'event_type'") || !text.includes('tojson')) complain('a template without event_type')
  if (component.entity_category === 'config') complain('entity_category config on an event')
}

function checkNames(component: JsonObject, platform: string, deviceName: string, complain: Complain) {
  const { name, default_entity_id: entityId, entity_category: category } = component
  if (name === null) {
    // Only what the device is for may bear its name, or one whose own name is the same as that.
    const same = String(component.unique_id).endsWith(`_${deviceName.toLowerCase().replaceAll(' ', '_')}`)
    const main = platform === 'climate' || (platform === 'switch' && String(component.unique_id).endsWith('_relay'))
    if (!main && !same) complain('no name')
  } else if (!filled(name)) complain('no name')
  else if (deviceName !== '' && `${name} `.toLowerCase().startsWith(`${deviceName} `.toLowerCase())) {
    complain('the name repeats the name of the device')
  }
  if (entityId !== undefined && !new RegExp(`^${platform}\\.[a-z0-9]+(_[a-z0-9]+)*$`).test(String(entityId)))
    complain(`bad default_entity_id ${String(entityId)}`)
  if (category === undefined) return
  if (category !== 'config' && category !== 'diagnostic') complain(`bad entity_category ${String(category)}`)
  if (category === 'config' && (platform === 'sensor' || platform === 'binary_sensor'))
    complain(`entity_category config on a ${platform}`)
}

/** Topics, templates and icons, whatever the platform. */
function checkTexts(component: JsonObject, complain: Complain) {
  for (const [key, value] of Object.entries(component)) {
    if (key.endsWith('_topic') && !topic(value)) complain(`bad ${key}`)
    if (key.endsWith('_template') && !(filled(value) && /^(\{% set \w+ = [^%]+ %\})?\{\{ .* \}\}$/s.test(value)))
      complain(`bad ${key}`)
    if (key === 'icon' && !/^mdi:[a-z0-9-]+$/.test(String(value))) complain('bad icon')
    if (key === 'enabled_by_default' && typeof value !== 'boolean') complain('bad enabled_by_default')
  }
}

function needs(component: JsonObject, complain: Complain, ...keys: readonly string[]): void {
  for (const key of keys) if (!(key in component)) complain(`no ${key}`)
}

function oneOf(value: unknown, allowed: ReadonlySet<string>, what: string, complain: Complain) {
  if (value !== undefined && !allowed.has(String(value))) complain(`bad ${what} ${String(value)}`)
}

function checkOptions(component: JsonObject, complain: Complain) {
  const { options } = component
  if (!stringList(options) || options.length === 0) return complain('bad options')
  if (new Set(options).size !== options.length) complain('an option twice')
}

function checkSensor(component: JsonObject, complain: Complain) {
  needs(component, complain, 'state_topic', 'value_template')
  const { device_class: deviceClass, state_class: stateClass, unit_of_measurement: unit } = component
  if ('options' in component || deviceClass === 'enum') {
    checkOptions(component, complain)
    if (deviceClass !== 'enum') complain('options without the class enum')
    if (stateClass !== undefined || unit !== undefined) complain('an enum with unit or state class')
    return
  }
  if (stateClass !== undefined && !['measurement', 'total', 'total_increasing'].includes(String(stateClass)))
    complain(`bad state_class ${String(stateClass)}`)
  if (deviceClass === undefined) return
  const stateClasses = RULES.sensorStateClasses.get(String(deviceClass))
  if (!stateClasses) return complain(`unknown device_class ${String(deviceClass)}`)
  oneOf(stateClass, stateClasses, `state_class of ${String(deviceClass)}`, complain)
  checkUnit(RULES.sensorUnits.get(String(deviceClass)), unit, complain)
  if (unit !== undefined && deviceClass === 'timestamp') complain('a timestamp with a unit')
}

function checkUnit(units: ReadonlySet<string> | undefined, unit: unknown, complain: Complain) {
  if (units && !units.has(String(unit))) complain(`unit ${String(unit)} does not suit the class`)
}

function checkNumber(component: JsonObject, complain: Complain) {
  needs(component, complain, 'state_topic', 'value_template', 'command_topic')
  const { min, max, step, device_class: deviceClass } = component
  if (typeof min !== 'number' || typeof max !== 'number' || !(min < max)) complain('min is not below max')
  if (typeof step !== 'number' || step < 0.001) complain('bad step')
  if (component.mode !== 'box') complain('no box')
  if (deviceClass === undefined) return
  const units = RULES.numberUnits.get(String(deviceClass))
  if (!units) return complain(`unknown device_class ${String(deviceClass)}`)
  checkUnit(units, component.unit_of_measurement, complain)
}

function checkBinarySensor(component: JsonObject, complain: Complain) {
  needs(component, complain, 'state_topic', 'payload_on', 'payload_off')
  oneOf(component.device_class, RULES.binarySensorClasses, 'device_class', complain)
  const template = component.value_template
  if (template !== undefined && !(String(template).includes("'ON'") && String(template).includes("'OFF'")))
    complain('a template without ON and OFF')
}

function checkClimate(component: JsonObject, complain: Complain) {
  const { modes, preset_modes: presets, precision, min_temp: min, max_temp: max, temp_step: step } = component
  if (!stringList(modes)) complain('no modes')
  else for (const mode of modes) if (!['off', 'heat', 'cool', 'auto'].includes(mode)) complain(`bad mode ${mode}`)
  needs(component, complain, 'mode_state_topic', 'mode_command_topic', 'temperature_command_topic')
  if ('preset_modes' in component !== 'preset_mode_command_topic' in component)
    complain('preset modes without their command topic, or the other way round')
  if ('preset_modes' in component && (!stringList(presets) || presets.includes('none'))) complain('bad preset_modes')
  if (![0.1, 0.5, 1].includes(Number(precision))) complain('bad precision')
  if (typeof min !== 'number' || typeof max !== 'number' || !(min < max)) complain('min is not below max')
  if (typeof step !== 'number' || step <= 0) complain('bad step')
}

const PLATFORM_CHECKS: Readonly<Record<string, (component: JsonObject, complain: Complain) => unknown>> = {
  sensor: checkSensor,
  binary_sensor: checkBinarySensor,
  number: checkNumber,
  climate: checkClimate,
  event: checkEvent,
  switch: (component, complain) => {
    needs(component, complain, 'state_topic', 'value_template', 'command_topic', 'state_on', 'state_off')
    oneOf(component.device_class, RULES.switchClasses, 'device_class', complain)
  },
  select: (component, complain) => {
    needs(component, complain, 'state_topic', 'value_template', 'command_topic')
    checkOptions(component, complain)
    // The platform takes the option `none` for no option at all.
    if (stringList(component.options) && component.options.some((option) => option.toLowerCase() === 'none'))
      complain('an option none')
  },
  text: (component, complain) => {
    needs(component, complain, 'state_topic', 'value_template', 'command_topic', 'pattern')
    const { min, max } = component
    if (typeof min !== 'number' || typeof max !== 'number' || min > max || max > 255) complain('bad length')
  },
  button: (component, complain) => {
    needs(component, complain, 'command_topic', 'payload_press')
    oneOf(component.device_class, RULES.buttonClasses, 'device_class', complain)
  },
}
