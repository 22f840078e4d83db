/** The part of the reference about topics that are the devices' own. */
export const NATIVE_TOPICS = `Devices can publish to the broker themselves, about once a minute, and take commands there (vendors' documents, “MQTT”).
[Devices that publish](../docs/native-mqtt.md) says how to set that up, on the device's own page and with [\`native_mqtt\`](README.md). The
bridge retains nothing on these topics. It publishes there only if \`native_mqtt.commands\` is \`mqtt\`: commands and questions.

| topic | taken as | of |
|---|---|---|
| \`<prefix>/<client id>/get/floorTemp\`, \`airTemp\`, \`protTemp\` | \`floor_temperature\`, \`air_temperature\`, \`device_temperature\` | thermostats |
| \`…/get/setTemp\`, \`powerOff\`, \`load\` | \`setpoint_in_force\`, \`power_off\`, \`load\` | thermostats |
| \`…/get/typeCtrl\`, \`maxFlrTmp\`, \`minFlrTmp\` | \`control_type\`, \`floor_limit_max\`, \`floor_limit_min\` | \`oz\` |
| \`…/get/bright\` | \`brightness\` | Welrok thermostats |
| \`…/get/parameters\` | all parameters | \`az\`, \`oz\`, \`ms\`, \`d2w\` |
| \`…/get/telemetry\` | the whole telemetry | \`ms\`, \`d2w\` |
| \`<path>/<client id>/set/setTemp\`, \`bright\`, \`powerOff\`, \`mode\` | commands | thermostats |
| \`…/get/schedule\` | the weekly schedule by floor; the bridge asks for that by air on \`set/api\` | \`az\`, \`oz\` |
| \`…/get/api\` | the answer to a question on \`set/api\` | \`az\`, \`oz\`, \`ms\`, \`d2w\` |
| \`…/set/parameters\` | commands | \`az\`, \`oz\`, \`ms\`, \`d2w\` |
| \`…/set/schedule\` | one day of a weekly schedule | \`az\`, \`oz\` |
| \`…/set/api\` | requests of the local API, for devices that the bridge can't reach over the LAN | \`az\`, \`oz\`, \`ms\`, \`d2w\` |

Firmware before 2.5 has neither \`get\` nor \`set\` in its topics. If the bridge does not know the model of a device, it takes one that
publishes \`parameters\` or \`schedule\` for one of the four. If a command has no effect over MQTT, the bridge tries it over the LAN, signed.
Only then the result is \`NOT_APPLIED\`.`
