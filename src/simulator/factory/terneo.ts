/**
 * What each model answers with factory settings: parameters and telemetry as the vendors' documents print them (AX) or as an
 * owner captured them (SX). The data is deliberately a copy, separate from what the bridge knows about the models, so that
 * each can be checked against the other.
 */

/** Parameter id, wire type, value. */
export type ParameterRow = readonly [id: number, type: number, value: number]

export const AX_PARAMETERS: readonly ParameterRow[] = [
  [0, 6, 536112000],
  [1, 6, 536112000],
  [2, 2, 1],
  [3, 2, 0],
  [4, 1, 30],
  [5, 1, 30],
  [6, 1, 25],
  [7, 1, 5],
  [18, 2, 2],
  [19, 2, 10],
  [21, 1, 0],
  [23, 2, 6],
  [25, 2, 15],
  [26, 1, 45],
  [27, 1, 5],
  [28, 2, 16],
  [29, 1, 0],
  [17, 4, 175],
  [114, 7, 1],
  [115, 7, 0],
  [116, 7, 0],
  [117, 7, 0],
  [118, 7, 0],
  [121, 7, 0],
  [122, 7, 0],
  [124, 7, 0],
  [125, 7, 0],
]

/** Firmware 2.3, without `time`. */
export const AX_TELEMETRY: Readonly<Record<string, string>> = {
  't.0': '450',
  't.1': '416',
  't.5': '480',
  'm.0': '0',
  'm.1': '3',
  'm.2': '34',
  'm.3': '2',
  'f.0': '1',
  'f.1': '0',
  'f.2': '0',
  'f.3': '0',
  'f.4': '0',
  'f.7': '0',
  'f.8': '0',
  'f.9': '0',
  'f.13': '0',
  'f.14': '0',
  'f.10': '0',
  'f.11': '1',
  'f.12': '0',
  'o.0': '-83',
  'o.1': '6',
  'f.15': '0',
  'par.26': '45',
  'par.27': '5',
}

/** The fields that newer firmware of AX and SX adds. */
export const AX_TELEMETRY_NEWER: Readonly<Record<string, string>> = { 't.7': '640', 'm.5': '0', 'f.16': '0', time: '0' }

/** The additional parameters of a Terneo with an air sensor. */
export const AX_AIR_PARAMETERS: readonly ParameterRow[] = [
  [4, 1, 22],
  [6, 1, 18],
  [14, 2, 5],
  [15, 2, 45],
  [20, 1, 0],
  [33, 1, 35],
  [34, 1, 5],
]
export const AX_AIR_TELEMETRY: Readonly<Record<string, string>> = {
  't.2': '336',
  'f.5': '0',
  'f.6': '0',
  'par.33': '35',
  'par.34': '5',
}

export const SX_PARAMETERS: readonly ParameterRow[] = [
  [23, 2, 6],
  [114, 7, 0],
  [115, 7, 0],
  [29, 1, 0],
  [0, 6, 536112000],
  [1, 6, 536112000],
  [2, 2, 0],
  [31, 1, 26],
  [55, 2, 24],
  [3, 2, 0],
  [18, 2, 1],
  [19, 2, 10],
  [21, 1, 0],
  [5, 1, 26],
  [7, 1, 5],
  [80, 1, 0],
  [81, 1, 0],
  [82, 1, 0],
  [25, 2, 15],
  [26, 1, 45],
  [27, 1, 5],
  [28, 2, 16],
  [17, 4, 156],
  [52, 4, 0],
  [53, 4, 480],
  [54, 2, 3],
  [62, 1, 45],
  [63, 1, 5],
  [67, 4, 511],
  [117, 7, 0],
  [118, 7, 0],
  [121, 7, 0],
  [124, 7, 0],
  [125, 7, 0],
  [120, 7, 0],
]
