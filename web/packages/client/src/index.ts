export type * from "./core-api.ts";
export { Core } from "./core.ts";
export type { CoreOptions } from "./core.ts";
export { Refused, toProblem } from "./problem.ts";
export { Rest } from "./rest.ts";
export type { RestOptions, Schemas, Tokens } from "./rest.ts";
export { randomId } from "./ids.ts";
export { MemoryStorage } from "./storage.ts";
export type { Storage } from "./storage.ts";
