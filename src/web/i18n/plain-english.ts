/** English texts of the page for datapoints whose text in the catalog is meant for programmers. */
export const plainEnglish: Readonly<Record<string, readonly [name: string, text: string]>> = {
  away_start: ['Away start', 'When away begins, in the local time of the device.'],
  away_end: ['Away end', 'When away ends, in the local time of the device.'],
  energy: ['Energy', 'Energy that the load has used so far.'],
  on_time: ['On time', 'How long the load has been on so far.'],
  heating_time: ['Heating time', 'How long the load has been on so far.'],
  load_control: [
    'Load control',
    'Whether the setpoint controls the load, or the load is always on or off until the next period of the schedule.',
  ],
  schedule_next_change: [
    'Next schedule change',
    'When the next period of the schedule begins, by the clock of the device.',
  ],
  schedule_next_setpoint: ['Next schedule setpoint', 'The setpoint of the next period of the schedule.'],
  timer_setpoint: [
    'Boost setpoint',
    'Setpoint during boost. Unless it is set, three degrees warmer than now, or colder for a load that cools.',
  ],
  power: ['Power', 'What the load draws now.'],
  current_setpoint: ['Current setpoint', 'Setpoint of the mode in force.'],
  temporary_setpoint: ['Temporary setpoint', 'Setpoint that lasts until the next period of the schedule.'],
}
