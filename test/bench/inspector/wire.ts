/** Messages with typed arrays as bytes: JSON, and the arrays behind it. Both ends of the bench's wire. */

const KINDS = { Uint8Array, Uint16Array, Uint32Array, Int8Array, Float32Array, Float64Array } as const;
type Kind = keyof typeof KINDS;

interface Place {
  $array: Kind;
  at: number;
  length: number;
}

const aligned = (length: number): number => Math.ceil(length / 8) * 8;

/** [length of the JSON as uint32, padded to 8 bytes][JSON, padded][arrays, each padded]. */
export function encodeMessage(message: unknown): Uint8Array {
  const arrays: { at: number; bytes: Uint8Array }[] = [];
  let end = 0;
  const json = new TextEncoder().encode(
    JSON.stringify(message, (_, value: unknown): unknown => {
      if (!ArrayBuffer.isView(value)) return value;
      const array = value as Uint8Array;
      const place: Place = { $array: array.constructor.name as Kind, at: end, length: array.length };
      arrays.push({ at: end, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) });
      end += aligned(array.byteLength);
      return place;
    }),
  );
  const body = 8 + aligned(json.length);
  const whole = new Uint8Array(body + end);
  new DataView(whole.buffer).setUint32(0, json.length, true);
  whole.set(json, 8);
  for (const { at, bytes } of arrays) whole.set(bytes, body + at);
  return whole;
}

/** `bytes` begins at a multiple of 8 of its buffer. */
export function decodeMessage(bytes: Uint8Array<ArrayBuffer>): unknown {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const body = bytes.byteOffset + 8 + aligned(length);
  const json = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  return JSON.parse(json, (_, value: unknown): unknown => {
    const place = value as Place | null;
    if (typeof place !== "object" || !place?.$array) return value;
    return new KINDS[place.$array](bytes.buffer.slice(body + place.at), 0, place.length);
  });
}
