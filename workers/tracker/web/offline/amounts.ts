// Amounts as people type and read them: the rules of `shared/types/src/amounts.rs` and `src/web/amounts.rs`, for forms that are
// read without a connection. What is not understood here is asked again, never guessed.

const MASSES: [RegExp, number][] = [
  [/^([µμu]g|mcg)$/, 0.001],
  [/^(mgs?|milligrams?|miligramos?)$/, 1],
  [/^(g|gr|gs|grams?|gramos?)$/, 1_000],
  [/^kg$/, 1_000_000],
  [/^(oz|ounces?|onzas?)$/, 28_349.523],
];
const PARTS: Record<string, [number, number]> = {
  "½": [1, 2], half: [1, 2], medio: [1, 2], media: [1, 2], "⅓": [1, 3], third: [1, 3], "⅔": [2, 3],
  "¼": [1, 4], quarter: [1, 4], cuarto: [1, 4], "¾": [3, 4], "⅛": [1, 8],
};
const WORDS = ["", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const PALABRAS = ["", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"];
const isArticle = (word: string) => ["a", "an", "un", "una"].includes(word);
/** Bare numbers from here on are milligrams: nobody takes 50 g. */
const LEAST_BARE_MG = 50;
const MOST_MG = 10_000_000;

function part(word: string): number | null {
  const split = word.match(/^(\d{1,9})[/⁄](\d{1,9})$/);
  if (split) return Number(split[1]) > 0 && Number(split[2]) > 0 ? Number(split[1]) / Number(split[2]) : null;
  const [over, under] = PARTS[word] ?? [0, 0];
  if (under > 0) return over / under;
  const count = isArticle(word) ? 1 : Math.max(WORDS.indexOf(word), PALABRAS.indexOf(word));
  return count > 0 ? count : null;
}

function one(word: string): number | null {
  const found = word.match(/^(\d{0,9})(?:[.,](\d{1,9}))?$/);
  if (!found || word === "") return part(word);
  const [, whole = "", after] = found;
  // `1,000` is a thousand to some and one to others.
  if (word.includes(",") && after?.length === 3 && Number(whole) !== 0) return null;
  return Number(`${whole || 0}.${after ?? 0}`);
}

function number(words: string[]): number | null {
  const plain = words.filter((word) => !["of", "and", "de", "y"].includes(word));
  const rest = plain.length > 1 ? plain.filter((word) => !isArticle(word)) : plain;
  if (rest.length === 1) return one(rest[0]!);
  if (rest.length !== 2) return null;
  const [whole, more] = [one(rest[0]!), part(rest[1]!)];
  return whole !== null && Number.isInteger(whole) && more !== null && more < 1 ? whole + more : null;
}

/** Milligrams of what somebody typed: `0.4`, `0,4 g`, `400mg`, `half`, `1/2`. What is no mass is none here. */
export function read(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (plain === "eighth" || plain === "an eighth") return 3_500;
  const words = plain.match(/[\d.,/⁄]+|[½⅓⅔¼¾⅛]|[\p{L}µ]+|\S/gu) ?? [];
  const unit = MASSES.find(([name]) => name.test(words.at(-1) ?? ""));
  if (unit) words.pop();
  const found = number(words);
  if (found === null) return null;
  const isBareMg = !unit && words.length === 1 && /^[\d.,]+$/.test(words[0]!) && found >= LEAST_BARE_MG;
  const mg = Math.round(Number((found * (unit ? unit[1] : isBareMg ? 1 : 1_000)).toFixed(6)));
  return mg >= 1 && mg <= MOST_MG ? mg : null;
}

function grams(mg: number, digits: number, lang: string): string {
  if (Math.abs(mg) < 50 && mg !== 0) return `${mg}\u00a0mg`;
  const text = (Math.round(mg / 10 ** (3 - digits)) / 10 ** digits).toFixed(digits).replace(/\.?0+$/, "");
  return `${lang === "es" ? text.replace(".", ",") : text}\u00a0g`;
}

/** An amount for people, as exact as anybody cares. */
export const written = (mg: number, lang: string) => grams(mg, mg < 1_000 ? 3 : mg < 10_000 ? 2 : 1, lang);

/** An amount to the milligram, for fields in which it is edited. */
export const exact = (mg: number, lang: string) => (mg >= 1_000 && mg % 10 !== 0 ? `${mg}\u00a0mg` : grams(mg, 3, lang));
