/** The part of the reference about topics that are the devices' own. */
export const NATIVE_TOPICS = `Devices can publish to the broker by themselves, about once a minute, and take commands there (vendors' documents, “MQTT”).
Prefixes and client id are set on the device's own page. With [\`native_mqtt\`](README.md) the bridge takes these in; it never
retains anything there, and publishes only commands and questions, when \`native_mqtt.commands\` is \`mqtt\`.

| topic | taken as | of |
|---|---|---|
| \`<prefix>/<client id>/get/floorTemp\`, \`airTemp\`, \`protTemp\` | \`floor_temperature\`, \`air_temperature\`, \`device_temperature\` | thermostats |
| \`…/get/setTemp\`, \`powerOff\`, \`load\` | \`setpoint_in_force\`, \`power_off\`, \`load\` | thermostats |
| \`…/get/typeCtrl\`, \`maxFlrTmp\`, \`minFlrTmp\` | \`control_type\`, \`floor_limit_max\`, \`floor_limit_min\` | \`oz\` |
| \`…/get/bright\` | \`brightness\` | Welrok thermostats |
| \`…/get/parameters\` | all parameters | \`az\`, \`oz\`, \`ms\`, \`d2w\` |
| \`…/get/telemetry\` | the whole telemetry | \`ms\`, \`d2w\` |
| \`<path>/<client id>/set/setTemp\`, \`bright\`, \`powerOff\`, \`mode\` | commands | thermostats |
| \`…/get/schedule\` | the weekly schedule by floor; that by air is asked for on \`set/api\` | \`az\`, \`oz\` |
| \`…/get/api\` | the answer to what the bridge has asked on \`set/api\` | \`az\`, \`oz\`, \`ms\`, \`d2w\` |
| \`…/set/parameters\` | commands | \`az\`, \`oz\`, \`ms\`, \`d2w\` |
| \`…/set/schedule\` | one day of a weekly schedule | \`az\`, \`oz\` |
| \`…/set/api\` | requests of the local API, of devices that the LAN does not lead to | \`az\`, \`oz\`, \`ms\`, \`d2w\` |

Firmware before 2.5 has neither \`get\` nor \`set\` in its topics. A device whose model nobody knows is taken for one of the four
when it publishes \`parameters\` or \`schedule\`. What has no effect over MQTT is tried over the LAN, signed, before it is
\`NOT_APPLIED\`.`
