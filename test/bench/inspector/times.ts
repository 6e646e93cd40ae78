/** What the page measures. */

export interface Times {
  /** From the request of a tile to the frame that shows it, in milliseconds, by level. */
  tiles: { level: number; milliseconds: number }[];
  /** From a change of the settings to the frame that shows its figures, in milliseconds. */
  samples: number[];
  /** Of these, until the answer was there. */
  answers: number[];
  /** Between frames. */
  frames: number[];
  /** When the first pixels of a tile came, whole or in part, and when a first whole tile did: of performance.now(). */
  firstPart: number | null;
  firstTile: number | null;
}

export interface Moved extends Times {
  /** How long parts of a picture had nothing to show, each time, in milliseconds. */
  blanks: number[];
}
