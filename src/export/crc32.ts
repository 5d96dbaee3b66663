/**
 * The CRC-32 of two texts joined, from the CRC-32 of each: what lets a file be put together from pieces whose raw bytes are
 * never seen again. A CRC is a remainder of polynomials over GF(2): to append n bytes multiplies what came before by x^(8n).
 */

/** The polynomial of ZIP, gzip and PNG, bit-reversed: bit 31 stands for x^0. */
const polynomial = 0xedb88320;

/** The product of two remainders. */
function product(one: number, other: number): number {
  let sum = 0;
  let factor = other;
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if (one & bit) sum ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return sum >>> 0;
}

/** x^(8 · 2^n) for each n: 53 of them cover every length that a number can say. */
const powers: readonly number[] = (() => {
  const list = [0x00800000]; // x^8
  while (list.length < 53) {
    const last = list.at(-1) ?? 0;
    list.push(product(last, last));
  }
  return list;
})();

/** The CRC-32 of `first` followed by `second`, which is `secondBytes` long. */
export function combinedCrc32(first: number, second: number, secondBytes: number): number {
  let shifted = first >>> 0;
  let rest = secondBytes;
  for (const power of powers) {
    if (rest === 0) break;
    if (rest % 2 === 1) shifted = product(power, shifted);
    rest = Math.floor(rest / 2);
  }
  return (shifted ^ second) >>> 0;
}
