// Drawings as one small file, to pool those of a class. A file is taken as a whole, or not at all.

import { many } from "./picture.js";

export const LIMITS = { symbols: 5, learn: 10, later: 100, name: 12 };
const FORMAT = "drawings of the transfer learning laboratory, version 1";
const LARGEST = 4_000_000; // bytes
const IMAGE_BYTES = 28 * 28;

/** A file that is no class; the message is for the visitor. */
export class ClassFileError extends Error {}

export function write(symbols) {
  return new Blob([JSON.stringify({ format: FORMAT, symbols }, null, 1)], { type: "application/json" });
}

/** The symbols in a file. Throws a ClassFileError that says what is wrong with it. */
export async function read(file) {
  const refuse = (why) => {
    throw new ClassFileError(`“${file.name}” ${why}. Nothing was changed.`);
  };
  if (file.size > LARGEST) refuse(`has ${(file.size / 1e6).toFixed(1)} MB, more than the drawings of a class need`);
  let content;
  try {
    content = JSON.parse(await file.text());
  } catch {
    refuse("cannot be read: it is damaged, or not a file that this page saved");
  }
  if (content?.format !== FORMAT) refuse("is not a file that this page saved");
  return checked(content.symbols, refuse);
}

/** The symbols, with trimmed names, if that is what they are; else `refuse(why)` is called, which has to throw. */
export function checked(symbols, refuse) {
  if (!Array.isArray(symbols) || symbols.length < 1 || symbols.length > LIMITS.symbols)
    refuse(`should hold one to ${LIMITS.symbols} symbols`);
  const names = new Set();
  for (const symbol of symbols) {
    const name = symbol?.name;
    if (typeof name !== "string" || !isName(name.trim()) || names.has(name.trim()))
      refuse(`should give every symbol a name of its own, of at most ${LIMITS.name} characters`);
    names.add(name.trim());
    for (const use of ["learn", "later"]) {
      if (!Array.isArray(symbol[use]) || symbol[use].length > LIMITS[use])
        refuse(
          `should hold at most ${LIMITS[use]} drawings of “${name}” to ${use === "learn" ? "learn from" : "try on"}`,
        );
      if (!symbol[use].every(isImage)) refuse(`holds a drawing of “${name}” that is no image of 28 × 28 pixels`);
    }
  }
  return symbols.map(({ name, learn, later }) => ({ name: name.trim(), learn, later }));
}

/** Whether this is an image: 28 × 28 bytes in base64, not all of them 0. */
export function isImage(text) {
  if (typeof text !== "string" || text.length !== 4 * Math.ceil(IMAGE_BYTES / 3)) return false;
  try {
    const bytes = atob(text);
    return bytes.length === IMAGE_BYTES && /[^\0]/.test(bytes);
  } catch {
    return false;
  }
}

/** Whether a symbol can be called so: 1 to 12 characters, at least one of which can be seen. */
export const isName = (name) => [...name].length <= LIMITS.name && /[\p{L}\p{N}\p{P}\p{S}]/u.test(name);

/**
 * Put the symbols of files to those that are there: symbols of one name become one. The files take turns, a drawing
 * each, so that of a class everybody is learned from; what no longer fits there is tried on later. Returns the symbols,
 * how many drawings are new, and what happened in words.
 */
export function pool(mine, files) {
  const symbols = mine.map((symbol) => ({ ...symbol }));
  const seen = new Set(symbols.flatMap(({ learn, later }) => [...learn, ...later]));
  const counts = { added: 0, known: 0, left: 0 };
  const longest = Math.max(...files.flat().flatMap(({ learn, later }) => [learn.length, later.length]));
  for (const use of ["learn", "later"])
    for (let place = 0; place < longest; place += 1)
      for (const { name, [use]: images } of files.flat().filter((symbol) => place < symbol[use].length))
        counts[put(images[place], name, use)] += 1;

  function put(image, name, use) {
    if (seen.has(image)) return "known";
    let symbol = symbols.find((one) => one.name === name);
    if (!symbol && symbols.length < LIMITS.symbols) symbols.push((symbol = { name, learn: [], later: [] }));
    const room = [use, "later"].find((one) => symbol && symbol[one].length < LIMITS[one]);
    if (!room) return "left";
    symbol[room] = [...symbol[room], image];
    seen.add(image);
    return "added";
  }

  const words = [`${many(counts.added, "drawing")} added`];
  if (counts.known) words.push(`${counts.known} were already there`);
  if (counts.left)
    words.push(
      `${counts.left} left out: there is room for ${LIMITS.symbols} symbols, with ${LIMITS.learn} drawings to learn ` +
        `from and ${LIMITS.later} to try on`,
    );
  return { symbols, added: counts.added, words: `${words.join("; ")}.` };
}
