/** A browser of somebody: a context of its own, behind a wire of its own. */

import {
  expect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from "@playwright/test";

import type { Kith } from "./kith";
import { PASSWORD, type Person } from "./person";
import { Watch } from "./watch";
import { Wire } from "./wire";

export class Device {
  private constructor(
    readonly context: BrowserContext,
    readonly wire: Wire,
    readonly watch: Watch,
    readonly page: Page,
  ) {}

  static async make(browser: Browser, kith: Kith, options: BrowserContextOptions = {}): Promise<Device> {
    const wire = await Wire.lay(() => kith.port);
    const context = await browser.newContext({ ...options, baseURL: wire.url });
    const watch = new Watch();
    await watch.over(context);
    return new Device(context, wire, watch, await context.newPage());
  }

  /** Puts a session of `person` into the browser, as the form of sign-in does. */
  async signIn(person: Person): Promise<void> {
    const answer = await this.context.request.post("/login", {
      data: {
        username: person.username,
        password: PASSWORD,
        device: "browser",
        cookie: true,
      },
      headers: { Origin: this.wire.url },
    });
    expect(answer.status()).toBe(200);
  }

  async open(path = "/"): Promise<void> {
    await this.page.goto(path);
  }

  async cut(): Promise<void> {
    this.watch.expectNetworkErrors();
    await this.wire.cut();
  }

  row(conversation: string): Locator {
    return this.page.locator(`[data-testid=conversation-row][data-conversation="${conversation}"]`);
  }

  rowNamed(name: string): Locator {
    return this.page.getByTestId("conversation-row").filter({ hasText: name });
  }

  get list(): Locator {
    return this.page.getByTestId("message-list");
  }

  get messages(): Locator {
    return this.page.getByTestId("message");
  }

  /** The message that says exactly this. */
  message(text: string): Locator {
    const words = this.page.getByTestId("message-text").getByText(text, { exact: true });
    return this.messages.filter({ has: words });
  }

  get field(): Locator {
    return this.page.getByTestId("composer-field");
  }

  async write(text: string): Promise<void> {
    await this.field.click();
    await this.field.pressSequentially(text);
    await this.field.press("Enter");
  }

  async dispose(): Promise<void> {
    await this.context.close();
    await this.wire.cut();
  }
}
