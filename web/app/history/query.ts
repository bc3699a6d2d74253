/** What is looked for in the history: in the page's address, and as the server is asked. Pure. */

export const FIELDS = ["text", "contact", "agent", "inbox", "channel", "reason", "tag", "from", "to"] as const;
export type Field = (typeof FIELDS)[number];
/** What is set, days as `2026-11-01`. */
export type Query = Partial<Record<Field, string>>;

/** So many letters are taken for the beginning of a word that is still being typed. */
const BEGUN_LETTERS_MIN = 3;

export function queryFrom(address: URLSearchParams): Query {
  return Object.fromEntries(FIELDS.flatMap((field) => (address.get(field) ? [[field, address.get(field)]] : [])));
}

export function withField(query: Query, field: Field, value: string | null): Query {
  const { [field]: _, ...others } = query;
  return value ? { ...others, [field]: value } : others;
}

/** How many filters are set beside the words. */
export function filtersOf({ text: _, ...filters }: Query): number {
  return Object.keys(filters).length;
}

/** As the server is asked: days are whole days here, the last included. */
export function question(query: Query): string {
  const asked = new URLSearchParams();
  for (const field of FIELDS) {
    const typed = query[field] ?? "";
    const value = field === "text" ? begun(typed) : typed.trim();
    if (value) asked.set(field, field === "from" ? midnight(value, 0) : field === "to" ? midnight(value, 1) : value);
  }
  return asked.toString();
}

/** A last word without a space behind it may go on. */
function begun(text: string): string {
  const word = text.match(/[\p{L}\p{N}]+$/u)?.[0] ?? "";
  return word.length >= BEGUN_LETTERS_MIN ? `${text.trim()}*` : text.trim();
}

/** Midnight here, so many days after a day; what is no day is left for the server to say so. */
function midnight(day: string, daysLater: number): string {
  const [year, month, date] = day.split("-").map(Number);
  const at = new Date(year ?? Number.NaN, (month ?? Number.NaN) - 1, (date ?? Number.NaN) + daysLater);
  return Number.isNaN(at.getTime()) ? day : at.toISOString();
}
