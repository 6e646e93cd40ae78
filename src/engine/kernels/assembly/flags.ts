/** Switches as type parameters: the code of a loop is compiled for each setting, without a branch inside. */
export type On = u8;
export type Off = u16;

export class Flag {
  @inline
  static isOn<F>(): bool {
    return sizeof<F>() == 1;
  }
}
