import type { Problem } from "./core-api.ts";

/** A refusal of the server, or a failure to reach it. Only a refusal says that something did not happen. */
export class Refused extends Error implements Problem {
  override name = "Refused";
  code: string;
  status: number;
  title: string;
  detail: string;
  errors: Problem["errors"];
  retry_after_ms: number | null;

  constructor(problem: Partial<Problem> & { code: string }) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.code = problem.code;
    this.status = problem.status ?? 0;
    this.title = problem.title ?? problem.code;
    this.detail = problem.detail ?? "";
    this.errors = problem.errors ?? [];
    this.retry_after_ms = problem.retry_after_ms ?? null;
  }

  /** Nobody answered: what was asked for may have happened, or not. */
  static offline(): Refused {
    return new Refused({
      code: "offline",
      title: "No connection",
      detail: "The server cannot be reached now.",
    });
  }

  static timeout(): Refused {
    return new Refused({
      code: "timeout",
      title: "No answer",
      detail: "The server did not answer in time.",
    });
  }

  static notFound(): Refused {
    return new Refused({ code: "not-found", status: 404, title: "Not found" });
  }

  static signedOut(): Refused {
    return new Refused({ code: "unauthenticated", status: 401, title: "Not signed in" });
  }

  /** Whether this is a definite answer: trying the same again would be refused again. */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && ![401, 408, 429].includes(this.status);
  }
}

/** A problem as plain data, which can be copied between threads. */
export function toProblem(error: unknown): Problem {
  const refused =
    error instanceof Refused
      ? error
      : new Refused({ code: "internal", title: "Internal error", detail: String(error) });
  const { code, status, title, detail, errors, retry_after_ms } = refused;
  return { code, status, title, detail, errors, retry_after_ms };
}
