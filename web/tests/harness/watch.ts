/** Everything that must not happen in any test: errors in the console, uncaught ones, violations of the policy. */

import type { BrowserContext } from "@playwright/test";

/** What Chromium itself says when there is no network. Only where a test has cut it. */
const NETWORK =
  /net::ERR_|WebSocket connection to .* failed|Failed to load resource|error occurred when fetching the script/;
/** The first question of a browser without a session is answered so. */
const SIGNED_OUT = /Failed to load resource: the server responded with a status of 401/;

export class Watch {
  readonly complaints: string[] = [];
  #network = false;

  /** From here on the browser may say that it has no network. */
  expectNetworkErrors(): void {
    this.#network = true;
  }

  async over(context: BrowserContext): Promise<void> {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        const { violatedDirective, blockedURI, sample } = event;
        reportError(new Error(`policy: ${violatedDirective} refused ${blockedURI} ${sample}`));
      });
    });
    context.on("console", (message) => {
      if (message.type() === "error") this.#hear(message.text());
    });
    context.on("weberror", (error) => {
      this.#hear(`uncaught: ${error.error().stack ?? String(error.error())}`);
    });
  }

  #hear(text: string): void {
    if (SIGNED_OUT.test(text) || (this.#network && NETWORK.test(text))) return;
    this.complaints.push(text);
  }
}
