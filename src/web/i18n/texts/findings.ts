/** What the guardian has found: a sentence for each kind, filled in from its evidence. */
export const findings = {
  en: {
    'finding.not_warming':
      'Does not warm: the load has been on for {minutes} min, but the temperature fell by {drop} °C. Usually it rises within {usual} min.',
    'finding.warms_unheated':
      'Warms although the load is off: {rise} °C in {minutes} min, and still rising. So far it rose by {usual} °C at most.',
    'finding.sensor_frozen':
      'The sensor may be stuck: it has shown {temperature} °C for {minutes} min without any change. So far it changed at least every {usual} min.',
    'finding.sensor_jumps':
      'The temperature jumps by up to {jump} °C within five minutes, usually by {usual} °C. Check the sensor and its wires.',
    'finding.too_warm':
      'Too warm: {temperature} °C, above the highest temperature that is set in the device, {limit} °C.',
    'finding.heating_long':
      'Heats far longer than usual: {hours} h without a break to warm by {way} °C. So far that took {usual} h at most.',
    'finding.comes_and_goes':
      'Comes and goes: it has stopped answering {drops} times in the last hours, usually {usual} times. Check its Wi-Fi.',
    'finding.clock_wrong': 'Its clock is wrong by {minutes} min, and so are the times of its schedule.',
    'finding.energy_high':
      'Uses much more energy than usual: the load was on for {hours} h in a day. On this weekday it usually is {usual} h.',
    'finding.since': 'Since {time}.',
  },
  uk: {
    'finding.not_warming':
      'Не гріється: навантаження ввімкнено вже {minutes} хв, а температура впала на {drop} °C. Зазвичай вона зростає за {usual} хв.',
    'finding.warms_unheated':
      'Гріється, хоча навантаження вимкнено: на {rise} °C за {minutes} хв і далі зростає. Досі зростала щонайбільше на {usual} °C.',
    'finding.sensor_frozen':
      'Датчик, можливо, завис: {minutes} хв показує {temperature} °C без жодних змін. Досі змінювався щонайменше раз на {usual} хв.',
    'finding.sensor_jumps':
      'Температура стрибає до {jump} °C за п’ять хвилин, зазвичай на {usual} °C. Перевірте датчик і його дроти.',
    'finding.too_warm': 'Надто тепло: {temperature} °C, вище за найвищу температуру, задану в пристрої, {limit} °C.',
    'finding.heating_long':
      'Гріє набагато довше, ніж зазвичай: {hours} год без перерви, щоб нагріти на {way} °C. Досі на це йшло щонайбільше {usual} год.',
    'finding.comes_and_goes':
      'То зникає, то з’являється: за останні години переставав відповідати {drops} разів, зазвичай {usual}. Перевірте Wi-Fi.',
    'finding.clock_wrong': 'Його годинник хибить на {minutes} хв, тож і час у розкладі.',
    'finding.energy_high':
      'Споживає набагато більше, ніж зазвичай: навантаження було ввімкнено {hours} год за добу. У цей день тижня зазвичай {usual} год.',
    'finding.since': 'Від {time}.',
  },
  ru: {
    'finding.not_warming':
      'Не греется: нагрузка включена уже {minutes} мин, а температура упала на {drop} °C. Обычно она растёт за {usual} мин.',
    'finding.warms_unheated':
      'Греется, хотя нагрузка выключена: на {rise} °C за {minutes} мин и продолжает расти. До сих пор росла самое большее на {usual} °C.',
    'finding.sensor_frozen':
      'Датчик, возможно, завис: {minutes} мин показывает {temperature} °C без всяких изменений. До сих пор менялся не реже чем раз в {usual} мин.',
    'finding.sensor_jumps':
      'Температура скачет до {jump} °C за пять минут, обычно на {usual} °C. Проверьте датчик и его провода.',
    'finding.too_warm':
      'Слишком тепло: {temperature} °C, выше самой высокой температуры, заданной в устройстве, {limit} °C.',
    'finding.heating_long':
      'Греет намного дольше обычного: {hours} ч без перерыва, чтобы нагреть на {way} °C. До сих пор на это уходило самое большее {usual} ч.',
    'finding.comes_and_goes':
      'То пропадает, то появляется: за последние часы переставал отвечать {drops} раз, обычно {usual}. Проверьте Wi-Fi.',
    'finding.clock_wrong': 'Его часы ошибаются на {minutes} мин, а значит и время в расписании.',
    'finding.energy_high':
      'Потребляет намного больше обычного: нагрузка была включена {hours} ч за сутки. В этот день недели обычно {usual} ч.',
    'finding.since': 'С {time}.',
  },
}
