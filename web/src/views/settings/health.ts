export type ComponentStatus = "ok" | "degraded" | "failed";

/** What is shown of the health of a server; a newer server may say more, an older one less. */
export interface Health {
  cpu: string;
  memory: string;
  load: number[] | undefined;
  p95_ms: number | undefined;
  components: { name: string; status: ComponentStatus; detail: string | undefined }[];
}

const unknown = "–";

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function status(value: unknown): ComponentStatus {
  return value === "ok" || value === "degraded" ? value : "failed";
}

export function readHealth(health: Record<string, unknown>): Health {
  const load = record(health["load"]);
  const averages = [load["one"], load["five"], load["fifteen"]].flatMap((one) => number(one) ?? []);
  const components = Array.isArray(health["components"]) ? health["components"].map(record) : [];
  return {
    cpu: text(health["cpu_usage"]) ?? unknown,
    memory: text(health["memory_usage"]) ?? unknown,
    load: averages.length > 0 ? averages : undefined,
    p95_ms: number(record(health["response_times"])["p95_ms"]),
    components: components.map((component) => ({
      name: text(component["name"]) ?? unknown,
      status: status(component["status"]),
      detail: text(component["detail"]),
    })),
  };
}
