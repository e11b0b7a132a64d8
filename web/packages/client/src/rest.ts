/** One call, one answer: the HTTP side of Kith, with the types of its OpenAPI document. */

import type { components, paths } from "./openapi.ts";
import { Refused } from "./problem.ts";

export type Schemas = components["schemas"];
export type Tokens = Schemas["Tokens"];

/** A call without an answer for this long has an unknown outcome. */
const ANSWER_WITHIN_MS = 30_000;
/** A token is renewed so long before it ends. */
const RENEW_BEFORE_MS = 60_000;

type Method = "get" | "post" | "put" | "delete";
type MethodOf<P extends keyof paths> = {
  [M in Method]: paths[P][M] extends { responses: unknown } ? M : never;
}[Method];
type Operation<P extends keyof paths, M extends Method> = paths[P][M];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type BodyOf<O> = O extends { requestBody: infer Body } ? Json<Body> : undefined;
type QueryOf<O> = O extends { parameters: { query?: infer Query } } ? Query : undefined;
type AnswerOf<O> = O extends { responses: infer R }
  ? R extends Record<200, infer Ok>
    ? Json<Ok>
    : R extends Record<201, infer Created>
      ? Json<Created>
      : never
  : never;

export interface CallOptions<O> {
  /** The variable parts of the path, in order. */
  in?: string[];
  query?: QueryOf<O>;
  body?: BodyOf<O>;
  /** Names a creation, so that trying it again gives the first result. */
  key?: string;
  /** Without a token: for what makes one. */
  anonymous?: boolean;
}

export interface RestOptions {
  /** The server, such as `https://chat.example.org`; empty for the page's own. */
  base: string;
  /** That of the platform where it is absent. */
  fetch?: typeof fetch;
  /** The refresh token lives in a cookie of the browser and is never seen here. */
  cookie: boolean;
  /** Where it does not: to go on with the session of an earlier run. */
  refresh_token?: string | null;
  /** New tokens came, to be kept by whoever wants to go on later. */
  onTokens?: ((tokens: Tokens) => void) | undefined;
}

/** A server, and the session with which it is spoken to. */
export class Rest {
  #token: string | null = null;
  #token_ends_at_ms = 0;
  #refresh_token: string | null;
  #refreshing: Promise<string> | null = null;

  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#refresh_token = options.refresh_token ?? null;
  }

  /** Signs in; from then on every call carries the token of this session. */
  async signIn(username: string, password: string, device?: string): Promise<Tokens> {
    const body = {
      username,
      password,
      cookie: this.#options.cookie,
      ...(device && { device }),
    };
    const tokens = await this.call("post", "/login", { body, anonymous: true });
    this.#keep(tokens);
    return tokens;
  }

  /** Forgets the session, without telling the server. */
  forget(): void {
    this.#token = null;
    this.#refresh_token = null;
    this.#refreshing = null;
  }

  /** An access token that is good for a while. */
  async token(): Promise<string> {
    const fresh = this.#token !== null && Date.now() < this.#token_ends_at_ms - RENEW_BEFORE_MS;
    return fresh && this.#token !== null ? this.#token : this.refresh();
  }

  /** Renews the token: one request, however many ask. A refusal means that the session is over. */
  refresh(): Promise<string> {
    const refreshing = (this.#refreshing ??= this.#refresh().finally(() => {
      if (this.#refreshing === refreshing) this.#refreshing = null;
    }));
    return refreshing;
  }

  /** Goes on with the session that the browser keeps, if it does. @throws Refused */
  async resume(): Promise<Tokens> {
    const tokens = await this.call("post", "/token/refresh", { body: {}, anonymous: true });
    this.#keep(tokens);
    return tokens;
  }

  async #refresh(): Promise<string> {
    if (!this.#options.cookie && this.#refresh_token === null) throw Refused.signedOut();
    const body = this.#refresh_token === null ? {} : { refresh_token: this.#refresh_token };
    try {
      const tokens = await this.call("post", "/token/refresh", { body, anonymous: true });
      this.#keep(tokens);
      return tokens.token;
    } catch (error) {
      throw error instanceof Refused && (error.final || error.status === 401) ? Refused.signedOut() : error;
    }
  }

  #keep(tokens: Tokens): void {
    this.#token = tokens.token;
    this.#token_ends_at_ms = Date.now() + tokens.expires_in * 1000;
    this.#refresh_token = tokens.refresh_token ?? null;
    this.#options.onTokens?.(tokens);
  }

  /**
   * Calls the server.
   *
   * @throws Refused with the server's problem; with the code `offline` or `timeout` the outcome is not known.
   */
  async call<P extends keyof paths, M extends MethodOf<P>>(
    method: M,
    path: P,
    options: CallOptions<Operation<P, M>> = {},
  ): Promise<AnswerOf<Operation<P, M>>> {
    if (options.anonymous) return this.#ask(method, path, options, null);
    const token = await this.token();
    try {
      return await this.#ask(method, path, options, token);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error;
      return await this.#ask(method, path, options, await this.#another(token));
    }
  }

  /** Another token than the one that was refused. */
  async #another(refused: string): Promise<string> {
    return this.#token !== null && this.#token !== refused ? this.#token : this.refresh();
  }

  async #ask<O, A>(method: Method, path: string, options: CallOptions<O>, token: string | null): Promise<A> {
    const headers = new Headers();
    if (token !== null) headers.set("Authorization", `Bearer ${token}`);
    if (options.key !== undefined) headers.set("Idempotency-Key", options.key);
    const request: RequestInit = { method: method.toUpperCase(), headers, cache: "no-store" };
    const body: unknown = options.body;
    if (body !== undefined) {
      headers.set("Content-Type", "application/json");
      request.body = JSON.stringify(body);
    }
    const address = this.#options.base + fill(path, options.in ?? []) + search(options.query);
    return answer<A>(await reach(this.#options.fetch ?? fetch, address, request));
  }
}

async function reach(get: typeof fetch, address: string, request: RequestInit): Promise<Response> {
  try {
    return await get(address, { ...request, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  } catch (error) {
    throw error instanceof DOMException && error.name === "TimeoutError" ? Refused.timeout() : Refused.offline();
  }
}

async function answer<A>(response: Response): Promise<A> {
  const body = (await response.json().catch(() => null)) as unknown;
  if (response.ok && body !== null) return body as A;
  // What is no problem document comes from something between here and the server, which therefore was not reached.
  if (response.ok || !isProblem(body)) throw Refused.offline();
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retry_after_ms = body.retry_after_ms ?? (Number.isFinite(seconds) ? seconds * 1000 : null);
  throw new Refused({ ...body, errors: body.errors ?? [], retry_after_ms });
}

function isProblem(body: unknown): body is Schemas["Problem"] {
  return typeof body === "object" && body !== null && "code" in body && "status" in body;
}

function fill(path: string, parts: string[]): string {
  let next = 0;
  return path.replace(/\{\w+\}/g, () => encodeURIComponent(parts[next++] ?? ""));
}

function search(query: unknown): string {
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
