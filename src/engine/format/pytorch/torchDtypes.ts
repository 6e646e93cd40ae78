/** The dtypes of PyTorch: their storage classes, and their names in safetensors. */

/** `torch.FloatStorage` and so on, by name without the module. */
export const STORAGE_CLASSES: ReadonlyMap<string, string | null> = new Map([
  ["DoubleStorage", "float64"],
  ["FloatStorage", "float32"],
  ["HalfStorage", "float16"],
  ["BFloat16Storage", "bfloat16"],
  ["LongStorage", "int64"],
  ["IntStorage", "int32"],
  ["ShortStorage", "int16"],
  ["CharStorage", "int8"],
  ["ByteStorage", "uint8"],
  ["BoolStorage", "bool"],
  ["ComplexDoubleStorage", "complex128"],
  ["ComplexFloatStorage", "complex64"],
  ["QUInt8Storage", "quint8"],
  ["QInt8Storage", "qint8"],
  ["QInt32Storage", "qint32"],
  ["QUInt4x2Storage", "quint4x2"],
  ["QUInt2x4Storage", "quint2x4"],
  ["UntypedStorage", null],
]);

/** Name in safetensors and bytes of an element; a name of null: safetensors has none, so weights cannot have it. */
const DTYPES: ReadonlyMap<string, { name: string | null; bytes: number }> = new Map([
  ["float64", { name: "F64", bytes: 8 }],
  ["float32", { name: "F32", bytes: 4 }],
  ["float16", { name: "F16", bytes: 2 }],
  ["bfloat16", { name: "BF16", bytes: 2 }],
  ["float8_e4m3fn", { name: "F8_E4M3", bytes: 1 }],
  ["float8_e5m2", { name: "F8_E5M2", bytes: 1 }],
  ["float8_e4m3fnuz", { name: "F8_E4M3FNUZ", bytes: 1 }],
  ["float8_e5m2fnuz", { name: "F8_E5M2FNUZ", bytes: 1 }],
  ["float8_e8m0fnu", { name: "F8_E8M0", bytes: 1 }],
  ["int64", { name: "I64", bytes: 8 }],
  ["int32", { name: "I32", bytes: 4 }],
  ["int16", { name: "I16", bytes: 2 }],
  ["int8", { name: "I8", bytes: 1 }],
  ["uint64", { name: "U64", bytes: 8 }],
  ["uint32", { name: "U32", bytes: 4 }],
  ["uint16", { name: "U16", bytes: 2 }],
  ["uint8", { name: "U8", bytes: 1 }],
  ["bool", { name: "BOOL", bytes: 1 }],
  ["complex64", { name: "C64", bytes: 8 }],
  ["complex128", { name: null, bytes: 16 }],
  ["float4_e2m1fn_x2", { name: null, bytes: 1 }],
  ["quint8", { name: null, bytes: 1 }],
  ["qint8", { name: null, bytes: 1 }],
  ["qint32", { name: null, bytes: 4 }],
  ["quint4x2", { name: null, bytes: 1 }],
  ["quint2x4", { name: null, bytes: 1 }],
  ["bits8", { name: null, bytes: 1 }],
]);

/** Other names of the same dtypes, as `torch` itself has them. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["double", "float64"],
  ["float", "float32"],
  ["half", "float16"],
  ["long", "int64"],
  ["int", "int32"],
  ["short", "int16"],
  ["cfloat", "complex64"],
  ["cdouble", "complex128"],
]);

/** The dtype that `torch.NAME` is; undefined where it is none. */
export function torchDtypeNamed(name: string): string | undefined {
  const dtype = ALIASES.get(name) ?? name;
  return DTYPES.has(dtype) ? dtype : undefined;
}

/** Bytes of an element; those of an untyped storage are bytes. */
export const torchDtypeBytes = (dtype: string | null): number => (dtype === null ? 1 : (DTYPES.get(dtype)?.bytes ?? 1));

/** Its name in safetensors; null where there is none. */
export const safetensorsName = (dtype: string): string | null => DTYPES.get(dtype)?.name ?? null;
