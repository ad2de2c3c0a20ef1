/** Numbers and planes, as numpy counts them. */

export const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/** Added to a number and taken away again, it leaves no fraction: doubles of this size are whole numbers. */
const WHOLE = 1.5 * 2 ** 52;

/** Rounds to the nearest whole number, halves to the even one, as Python and numpy do; numbers below 2**51. */
export const roundEven = (value: number): number => value + WHOLE - WHOLE;

/** Returns `count` whole numbers spread evenly from 0 to `last`, both among them. */
export function spreadEvenly(last: number, count: number): number[] {
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, i) => roundEven((last * i) / (count - 1)));
}

/** Interpolates linearly between points whose places rise; constant outside. */
export function interpolate(x: number, places: readonly number[], values: readonly number[]): number {
  const last = places.length - 1;
  if (!(x > places[0])) return values[0];
  if (x >= places[last]) return values[last];
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (places[middle] <= x) low = middle;
    else high = middle;
  }
  return values[low] + ((x - places[low]) * (values[high] - values[low])) / (places[high] - places[low]);
}

/** One channel of an image, row by row. */
export interface Plane {
  data: Float32Array;
  height: number;
  width: number;
}

export const makePlane = (height: number, width: number): Plane => ({
  data: new Float32Array(height * width),
  height,
  width,
});

/** Several channels on one grid, one after the other. */
export interface Planes {
  data: Float32Array;
  channels: number;
  height: number;
  width: number;
}

/** Returns one channel, a view. */
export function channelOf(planes: Planes, channel: number): Plane {
  const size = planes.height * planes.width;
  return {
    data: planes.data.subarray(channel * size, (channel + 1) * size),
    height: planes.height,
    width: planes.width,
  };
}

/** Returns the upper left part of all channels. */
export function crop(planes: Planes, height: number, width: number): Planes {
  if (planes.height === height && planes.width === width) return planes;
  const data = new Float32Array(planes.channels * height * width);
  for (let c = 0; c < planes.channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * planes.height + y) * planes.width;
      data.set(planes.data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { data, channels: planes.channels, height, width };
}
