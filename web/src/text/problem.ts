import type { Problem } from "@kith/client";
import { format, t } from ".";

/** Whether something that was thrown is a refusal or a failure that the core explains. */
export function isProblem(thrown: unknown): thrown is Problem {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && "errors" in thrown;
}

/** What went wrong, and what to do about it. */
export function problemText(thrown: unknown): string {
  const words = t().problem;
  if (!isProblem(thrown)) return words.other;
  const known: Record<string, string> = {
    offline: words.offline,
    timeout: words.timeout,
    "request-timeout": words.timeout,
    overloaded: words.overloaded,
    unauthenticated: words.unauthenticated,
    "not-found": words.not_found,
    "not-accepted": words.not_accepted,
    "blocked-by-you": words.blocked_by_you,
    "needs-admin": words.needs_admin,
    "needs-owner": words.needs_owner,
    "needs-operator": words.forbidden,
    "not-yourself": words.forbidden,
    "already-member": words.already_member,
    "group-full": words.group_full,
    "last-owner": words.last_owner,
    "stale-version": words.stale,
    "block-limit": words.block_limit,
    disabled: words.disabled,
    taken: words.taken,
    "storage-full": words.storage_full,
    "too-many-requests": tooMany(thrown),
  };
  const [first] = thrown.errors;
  return known[thrown.code] ?? (first ? fieldText(first.field, first.code) : words.other);
}

function tooMany(problem: Problem): string {
  const words = t().problem;
  if (problem.retry_after_ms === null) return words.too_many_now;
  const later = new Date(Date.now() + problem.retry_after_ms).toISOString();
  return words.too_many(format().until(later));
}

/** What is wrong with each field. */
export function fieldTexts(thrown: unknown): Record<string, string> {
  if (!isProblem(thrown)) return {};
  return Object.fromEntries(thrown.errors.map((error) => [error.field, fieldText(error.field, error.code)]));
}

function fieldText(field: string, code: string): string {
  const words = t().problem.field;
  const precise = `${field}_${code}`.replaceAll("-", "_");
  const general = code.replaceAll("-", "_");
  const all = words as Record<string, string>;
  return all[precise] ?? all[general] ?? t().problem.other;
}
