/** Marks every word that comes from the messages: `⟦…⟧`. */
export function pseudo<T>(messages: T): T {
  return mark(messages) as T;
}

function mark(value: unknown): unknown {
  if (typeof value === "string") return `⟦${value}⟧`;
  if (Array.isArray(value)) return value.map(mark);
  if (typeof value === "function") {
    const words = value as (...args: unknown[]) => unknown;
    return (...args: unknown[]) => mark(words(...args));
  }
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mark(entry)]));
  return value;
}
