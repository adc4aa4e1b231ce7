// Drawings as one small file, to pool those of a class. A file is taken as a whole, or not at all.

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
    if (typeof name !== "string" || !name.trim() || name.length > LIMITS.name || names.has(name.trim()))
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

/**
 * Put the symbols of a file to those that are there: symbols of one name become one. What no longer fits among the
 * drawings to learn from is tried on later. Returns the symbols, and what happened in words.
 */
export function pool(mine, theirs) {
  const symbols = mine.map((symbol) => ({ ...symbol }));
  const seen = new Set(symbols.flatMap(({ learn, later }) => [...learn, ...later]));
  let added = 0,
    known = 0,
    left = 0;
  for (const { name, learn, later } of theirs) {
    let symbol = symbols.find((one) => one.name === name);
    if (!symbol && symbols.length < LIMITS.symbols) symbols.push((symbol = { name, learn: [], later: [] }));
    for (const [use, images] of [
      ["learn", learn],
      ["later", later],
    ]) {
      for (const image of images) {
        if (seen.has(image)) {
          known += 1;
          continue;
        }
        const place = [use, "later"].find((one) => symbol && symbol[one].length < LIMITS[one]);
        if (!place) {
          left += 1;
          continue;
        }
        symbol[place] = [...symbol[place], image];
        seen.add(image);
        added += 1;
      }
    }
  }
  const words = [`${added} drawings added`];
  if (known) words.push(`${known} were already there`);
  if (left)
    words.push(
      `${left} left out: there is room for ${LIMITS.symbols} symbols, with ${LIMITS.learn} drawings to learn from ` +
        `and ${LIMITS.later} to try on`,
    );
  return { symbols, words: `${words.join("; ")}.` };
}
