/** What people add to the name of a room when they name its thermostat, in English, Ukrainian and Russian. */
const ADDED = [
  'floor',
  'underfloor',
  'heating',
  'heater',
  'air',
  'thermostat',
  'sensor',
  'тепла',
  'підлога',
  'опалення',
  'повітря',
  'терморегулятор',
  'теплый',
  'тёплый',
  'пол',
  'отопление',
  'воздух',
  'термостат',
  'датчик',
]

const NOT_OF_A_ROOM = `(?:\\d+|${ADDED.join('|')})`
const BETWEEN = '[\\s\\-–—_,.:;/#№()]+'
const AT_THE_END = new RegExp(`(?:^|${BETWEEN})${NOT_OF_A_ROOM}(?=[\\s)]*$)[\\s)]*$`, 'iu')
const AT_THE_START = new RegExp(`^${NOT_OF_A_ROOM}${BETWEEN}`, 'iu')

/**
 * The room that the name of a device suggests: "Bathroom 2" and "Bathroom (floor)" are probably in the bathroom. null for a
 * name that says nothing of a room.
 */
export function suggestedRoom(name: string): string | null {
  let room = name.trim()
  for (const pattern of [AT_THE_END, AT_THE_START]) {
    for (let shorter = room.replace(pattern, ''); shorter !== room; shorter = room.replace(pattern, '')) room = shorter
  }
  return room === '' ? null : room
}
