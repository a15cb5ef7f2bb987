/** Medians, and how sure they are. */

/** Numbers from 0 to 1 that follow from a seed (mulberry32). @param {number} seed @returns {() => number} */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @param {ArrayLike<number>} numbers */
export function median(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * By how many per cent the median of one is above that of the other, and the bootstrap's 95 % interval. Rounds are drawn
 * whole: what slowed the machine down in a round slowed down both.
 * @param {number[]} one @param {number[]} other @param {() => number} draw
 */
export function compare(one, other, draw, samples = 2000) {
  const percentOf = (a, b) => (median(a) / median(b) - 1) * 100;
  const found = new Float64Array(samples);
  const [a, b] = [new Float64Array(one.length), new Float64Array(one.length)];
  for (let sample = 0; sample < samples; sample++) {
    for (let place = 0; place < one.length; place++) {
      const round = Math.floor(draw() * one.length);
      a[place] = one[round];
      b[place] = other[round];
    }
    found[sample] = percentOf(a, b);
  }
  found.sort();
  const at = (share) => found[Math.min(samples - 1, Math.floor(share * samples))];
  return { percent: percentOf(one, other), least: at(0.025), most: at(0.975) };
}
